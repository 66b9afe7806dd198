"""Where files lie, each under its own SHA-256: a folder of this machine, or a bucket that all machines share.

What is under a name is what the name says, so putting twice is putting once, and two releases of the same bytes share
one object. The folder's store writes beside and renames, so that nobody ever reads half an object.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from publicgsb.platform.kernel.durable import to_disk
from publicgsb.platform.kernel.errors import Unavailable

FOLDER = "objects"  # in the state folder
PREFIX = "sha256"
CHUNK_BYTES = 256 * 1024
FAR_CHUNK_BYTES = 512 * 1024
READERS_MAX = 256  # at once in this process

_UNFINISHED = re.compile(r"[0-9a-f]{64}#\d+")  # what the folder's store renames once it is whole


class Objects:
    """Raises Unavailable when the store does not answer, or has lost what it was given."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        """`folder` is the store's, when it is one of this machine."""
        self._store = store
        self._folder = folder
        self._chunk_bytes = FAR_CHUNK_BYTES if folder is None else CHUNK_BYTES
        self._readers = 0

    async def put(self, sha256: str, file: Path) -> None:
        """On the disk, and not only on its way there, when this returns: the row that says so is, once committed."""
        try:
            await obstore.put_async(self._store, _path(sha256), file)
            if self._folder is not None:
                await to_disk(self._folder / _path(sha256))
        except (BaseError, OSError) as error:
            raise Unavailable("A file could not be kept.", reason="objects", retry_after_seconds=60) from error

    async def read(self, sha256: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes `start` up to before `end`, in chunks. Ends with an error rather than short.

        By a range for each chunk: the store's own stream reads a folder in pieces of 8 KiB and gave a quarter of the
        speed. Of a bucket, which is far, the next chunk is on its way while one is sent.
        """
        cuts = [*range(start, end, self._chunk_bytes), end]
        ranges = list(pairwise(cuts))
        following: asyncio.Task[bytes] | None = None
        try:
            for at, (first, last) in enumerate(ranges):
                chunk = await (following or self._read(sha256, first, last))
                if self._folder is None and at + 1 < len(ranges):
                    following = asyncio.create_task(self._read(sha256, *ranges[at + 1]))
                else:
                    following = None
                yield chunk
        finally:
            if following is not None:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)

    async def _read(self, sha256: str, start: int, end: int) -> bytes:
        try:
            chunk = bytes(await obstore.get_range_async(self._store, _path(sha256), start=start, end=end))
        except (BaseError, OSError) as error:
            raise Unavailable("The file cannot be read now.", reason="objects") from error
        if len(chunk) != end - start:
            raise Unavailable("The file is not as long as it was.", reason="objects")
        return chunk

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One download: each has a chunk or two in memory for as long as its client reads."""
        if self._readers >= READERS_MAX:
            raise Unavailable("Too many files are being downloaded.", reason="downloads", retry_after_seconds=10)
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1

    async def names(self) -> AsyncIterator[str]:
        """The SHA-256 of every object, in no order."""
        try:
            async for page in obstore.list(self._store, PREFIX):
                for found in page:
                    yield found["path"].rpartition("/")[2]
        except (BaseError, OSError) as error:
            raise Unavailable("The object store does not answer.", reason="objects") from error

    async def sweep_unfinished(self) -> int:
        """Removes what a killed process was putting, which `names` leaves out. Only while nobody puts.

        A bucket drops what was not completed by a rule of its own (AbortIncompleteMultipartUpload).
        """
        if self._folder is None:
            return 0
        return await asyncio.to_thread(_remove_unfinished, self._folder / PREFIX)

    async def delete(self, sha256: str) -> None:
        """Also of one that is not there."""
        try:
            await obstore.delete_async(self._store, _path(sha256))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise Unavailable("An object could not be deleted.", reason="objects") from error


def open_objects(url: str | None, state_dir: Path) -> Objects:
    """`s3://bucket/prefix` with the credentials of the environment, or `file:///folder`; without a URL a folder of the
    state folder.
    """
    if url is not None and not url.startswith("file://"):
        return Objects(from_url(url))
    folder = state_dir / FOLDER if url is None else Path(unquote(urlsplit(url).path))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Objects(LocalStore(folder), folder)


def _remove_unfinished(folder: Path) -> int:
    found = [path for path in folder.glob("*/*") if _UNFINISHED.fullmatch(path.name)]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _path(sha256: str) -> str:
    """Spread over folders: one with a million entries is slow to list."""
    return f"{PREFIX}/{sha256[:2]}/{sha256}"
