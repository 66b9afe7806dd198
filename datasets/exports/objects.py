"""Where files lie, each under its own SHA-256: a folder of this machine, or a bucket that all machines share.

What is under a name is what the name says, so putting twice is putting once, and two releases of the same bytes share
one object. The folder's store writes beside and renames, so that nobody ever reads half an object.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from publicgsb.platform.kernel.errors import Unavailable

FOLDER = "objects"  # in the state folder
PREFIX = "sha256"
CHUNK_BYTES = 512 * 1024


class Objects:
    """Raises Unavailable when the store does not answer, or has lost what it was given."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, sha256: str, file: Path) -> None:
        try:
            await obstore.put_async(self._store, _path(sha256), file)
        except (BaseError, OSError) as error:
            raise Unavailable("A file could not be kept.", reason="objects", retry_after_seconds=60) from error

    async def read(self, sha256: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes `start` up to before `end`, in chunks. Ends with an error rather than short."""
        missing = end - start
        try:
            answer = await obstore.get_async(self._store, _path(sha256), options={"range": (start, end)})
            async for chunk in answer.stream(min_chunk_size=CHUNK_BYTES):
                missing -= len(chunk)
                yield bytes(chunk)
        except (BaseError, OSError) as error:
            raise Unavailable("The file cannot be read now.", reason="objects") from error
        if missing:
            raise Unavailable("The file is not as long as it was.", reason="objects")

    async def names(self) -> AsyncIterator[str]:
        """The SHA-256 of every object, in no order."""
        try:
            async for page in obstore.list(self._store, PREFIX):
                for found in page:
                    yield found["path"].rpartition("/")[2]
        except (BaseError, OSError) as error:
            raise Unavailable("The object store does not answer.", reason="objects") from error

    async def delete(self, sha256: str) -> None:
        """Also of one that is not there."""
        try:
            await obstore.delete_async(self._store, _path(sha256))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise Unavailable("An object could not be deleted.", reason="objects") from error


def open_objects(url: str | None, state_dir: Path) -> Objects:
    """`s3://bucket/prefix` with the credentials of the environment; without a URL a folder of the state folder."""
    if url is not None:
        return Objects(from_url(url))
    folder = state_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Objects(LocalStore(folder))


def _path(sha256: str) -> str:
    """Spread over folders: one with a million entries is slow to list."""
    return f"{PREFIX}/{sha256[:2]}/{sha256}"
