"""One file of a release on disk: goes on where it stopped, and is refused with a single wrong byte."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx2

from publicgsb_sdk.answers import Answer, read_error
from publicgsb_sdk.errors import ApiError, ConnectionFailed, GsbError

CHUNK_BYTES = 1 << 18
ATTEMPTS = 5
WAIT_SECONDS = 30.0
PARTIAL, UNSATISFIABLE = 206, 416

Progress = Callable[[int], None]


class FileDamaged(GsbError):
    """A file is not what its release says, after it was fetched a second time too. Nothing was left under its name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file as the list of a release tells of it."""

    url: str
    bytes: int
    sha256: str
    headers: Mapping[str, str]


def fetch(http: httpx2.Client, wanted: Wanted, path: Path, progress: Progress = lambda _: None) -> int:
    """The file under `path`; how many bytes came over the network for it. Memory stays flat.

    What has come is kept beside it as `.incomplete` until it is whole, and gone on with by the next call. Raises
    `FileDamaged` if it has other bytes than its release, `ConnectionFailed` if the line broke too often, `ApiError`.
    """
    partial = path.with_name(f"{path.name}.incomplete")
    came = damaged = 0
    for attempt in range(ATTEMPTS):
        try:
            came += _more(http, wanted, partial, progress)
        except httpx2.HTTPError as broken:
            if attempt == ATTEMPTS - 1:
                raise ConnectionFailed(
                    f"The line broke {ATTEMPTS} times ({type(broken).__name__}).",
                    hint=f"What has come is in {partial}: the same command goes on from there.",
                ) from broken
            continue
        if partial.stat().st_size < wanted.bytes:
            continue  # the server ended early without saying so
        if sha256_of(partial) == wanted.sha256:
            _settle(partial, path)
            return came
        partial.unlink()
        damaged += 1
        if damaged > 1:
            raise FileDamaged(
                f"{path.name} came twice with other bytes than its release has (SHA-256 {wanted.sha256}).",
                hint="Something between you and the service changes files; nothing was kept.",
            )
    raise ConnectionFailed(
        f"{path.name} was cut off {ATTEMPTS} times.", hint="What has come is kept: the same command goes on from there."
    )


def sha256_of(path: Path) -> str:
    """Of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _more(http: httpx2.Client, wanted: Wanted, partial: Path, progress: Progress) -> int:
    """What is missing, as far as it comes."""
    have = partial.stat().st_size if partial.exists() else 0
    if have > wanted.bytes:
        partial.unlink()
        have = 0
    if have == wanted.bytes and partial.exists():
        progress(have)
        return 0
    headers = {**wanted.headers, "accept-encoding": "identity"}
    if have:
        headers |= {"range": f"bytes={have}-", "if-range": f'"sha256-{wanted.sha256}"'}
    with http.stream("GET", wanted.url, headers=headers, timeout=httpx2.Timeout(WAIT_SECONDS)) as response:
        if response.status_code == UNSATISFIABLE:
            partial.unlink(missing_ok=True)
            return 0
        if response.status_code not in (200, PARTIAL):
            raise _refusal(response)
        goes_on = response.status_code == PARTIAL and have > 0
        progress(have if goes_on else 0)
        return _pour(response, partial, wanted.bytes - (have if goes_on else 0), progress, goes_on=goes_on)


def _pour(response: httpx2.Response, partial: Path, room: int, progress: Progress, *, goes_on: bool) -> int:
    """At most `room` bytes: a server that sends without end fills no disk."""
    came = 0
    before = partial.stat().st_size if goes_on else 0
    with partial.open("ab" if goes_on else "wb") as file:
        for piece in response.iter_raw(CHUNK_BYTES):
            file.write(piece[: room - came])
            came += min(len(piece), room - came)
            progress(before + came)
            if came >= room:
                break
    return came


def _settle(partial: Path, path: Path) -> None:
    """Whole and on disk before it has its name."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def _refusal(response: httpx2.Response) -> ApiError:
    body = b"".join(islice(response.iter_bytes(1 << 16), 16))
    headers = {name.lower(): value for name, value in response.headers.items()}
    return read_error(Answer(response.status_code, headers, body))
