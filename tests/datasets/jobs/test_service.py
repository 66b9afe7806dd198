"""What was received is on the disk before anybody is told that it was."""

import errno
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.datasets.jobs.service import receive
from publicgsb.platform.kernel.errors import Unavailable


async def _body() -> AsyncIterator[bytes]:
    yield b"code,name\n"
    yield b"IR,Iran\n"


async def test_a_received_file_and_its_name_are_on_the_disk_and_the_loop_did_not_wait_for_it(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[Path, int]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        assert threading.current_thread() is not threading.main_thread()
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink(), os.fstat(descriptor).st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    upload = await receive(state_dir, _body(), 1_000)
    assert synced[0] == (upload.path.resolve(), upload.size_bytes)  # all of it
    assert [path for path, _ in synced[1:]] == [upload.path.parent.resolve(), state_dir.resolve()]


async def test_a_disk_that_fails_at_the_end_is_said_so_and_leaves_no_file(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(Unavailable) as refused:
        await receive(state_dir, _body(), 1_000)
    assert refused.value.details["reason"] == "storage"
    assert list((state_dir / "uploads").iterdir()) == []
