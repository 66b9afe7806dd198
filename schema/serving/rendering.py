"""Comparing two schema texts, in a process of its own: packed texts in, JSON out, no database, no secrets.

`python -m publicgsb.schema.serving.rendering` is what runs there. A thread would not do: where much has changed it
takes seconds of CPU that hold the interpreter, and every request of the worker would wait for its turns.
"""

import asyncio
import gzip
import os
import subprocess
import sys

import orjson

from publicgsb.schema.types.changes import changes_between

RENDER_SECONDS = 600.0  # only a process that hangs: on a busy machine minutes pass, and it gives way to requests
_NICENESS = 10  # requests come first
_MODULE = "publicgsb.schema.serving.rendering"

_one_at_a_time = asyncio.Semaphore(1)


class RenderingError(Exception):
    """The process ended without an answer; its own words are in the log."""


async def render_changes(before: bytes, after: bytes) -> bytes:
    """A JSON list of {kind, path, text}: what a reader of the text `before` meets in `after`, both as gzip."""
    async with _one_at_a_time:
        child = _start(len(before))
        try:
            answer, _ = await asyncio.to_thread(child.communicate, before + after, RENDER_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise RenderingError(f"comparing schemas took more than {RENDER_SECONDS:.0f} s") from late
        finally:
            if child.returncode is None:
                child.kill()  # whoever communicates in a thread hears the end
    if child.returncode != 0:
        raise RenderingError(f"comparing schemas ended with {child.returncode}")
    return answer


def _start(before_bytes: int) -> "subprocess.Popen[bytes]":
    """By vfork, in a millisecond: the event loop's own way forks, and whatever memory is touched next is copied or
    claimed page by page, 150 ms of CPU in a worker with 1,400 datasets (measured).
    """
    command = (sys.executable, "-m", _MODULE, str(before_bytes))
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own interpreter


def main() -> None:
    os.nice(_NICENESS)
    before_bytes = int(sys.argv[1])
    given = sys.stdin.buffer.read()
    before, after = (gzip.decompress(one).decode() for one in (given[:before_bytes], given[before_bytes:]))
    sys.stdout.buffer.write(orjson.dumps([change.as_json() for change in changes_between(before, after)]))


if __name__ == "__main__":
    main()
