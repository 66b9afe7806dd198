"""An object is what its name says, in a folder or in a bucket."""

import asyncio
import hashlib
from contextlib import ExitStack
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from publicgsb.datasets.exports.objects import FAR_CHUNK_BYTES, READERS_MAX, Objects, open_objects
from publicgsb.platform.kernel.errors import Unavailable

HELLO = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    path = tmp_path / "hello"
    path.write_bytes(b"hello")
    return path


@pytest.mark.parametrize("where", [None, "file://{}/shared%20folder"])
async def test_what_is_put_is_there_in_whole_and_in_part_until_it_is_deleted(
    hello: Path, tmp_path: Path, where: str | None
) -> None:
    objects = open_objects(where and where.format(tmp_path), tmp_path / "state")
    for _ in range(2):
        await objects.put(HELLO, hello)
    assert [name async for name in objects.names()] == [HELLO]
    assert b"".join([chunk async for chunk in objects.read(HELLO, 1, 4)]) == b"ell"
    assert (tmp_path / ("shared folder" if where else "state/objects")).is_dir()
    for _ in range(2):
        await objects.delete(HELLO)
    assert [name async for name in objects.names()] == []
    with pytest.raises(Unavailable):
        await anext(objects.read(HELLO, 0, 5))


async def test_an_object_that_lost_its_end_is_an_error_and_not_a_short_file(hello: Path, tmp_path: Path) -> None:
    objects = open_objects(None, tmp_path)
    await objects.put(HELLO, hello)
    (tmp_path / "objects" / "sha256" / HELLO[:2] / HELLO).write_bytes(b"hel")
    with pytest.raises(Unavailable):
        assert [chunk async for chunk in objects.read(HELLO, 0, 5)]


async def test_a_bucket_is_read_in_chunks_with_the_next_on_its_way(hello: Path) -> None:
    objects, size = Objects(MemoryStore()), 2 * FAR_CHUNK_BYTES + 5
    hello.write_bytes(bytes(size))
    await objects.put(HELLO, hello)
    assert [len(chunk) async for chunk in objects.read(HELLO, 0, size)] == [FAR_CHUNK_BYTES, FAR_CHUNK_BYTES, 5]
    chunks = objects.read(HELLO, 0, size)
    assert len(await anext(chunks)) == FAR_CHUNK_BYTES
    await chunks.aclose()  # who leaves takes what was on its way along
    assert [task for task in asyncio.all_tasks() if "_read" in repr(task)] == []


def test_no_more_files_are_read_at_once_than_fit(tmp_path: Path) -> None:
    objects = open_objects(None, tmp_path)
    with ExitStack() as readers:
        for _ in range(READERS_MAX):
            readers.enter_context(objects.reading())
        with pytest.raises(Unavailable) as refused, objects.reading():
            pass
        assert refused.value.details["reason"] == "downloads"
    with objects.reading():
        pass
