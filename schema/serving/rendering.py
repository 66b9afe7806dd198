"""Comparing two schema texts, in a process of its own: packed texts in, JSON out, no database, no secrets.

`python -m publicgsb.schema.serving.rendering` is what runs there. A thread would not do: where much has changed it
takes seconds of CPU that hold the interpreter, and every request of the worker would wait for its turns.
"""

import asyncio
import gzip
import os
import sys
from contextlib import suppress

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
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _MODULE, str(len(before))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(RENDER_SECONDS):
                answer, _ = await child.communicate(before + after)
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
    if child.returncode != 0:
        raise RenderingError(f"comparing schemas ended with {child.returncode}")
    return answer


def main() -> None:
    os.nice(_NICENESS)
    before_bytes = int(sys.argv[1])
    given = sys.stdin.buffer.read()
    before, after = (gzip.decompress(one).decode() for one in (given[:before_bytes], given[before_bytes:]))
    sys.stdout.buffer.write(orjson.dumps([change.as_json() for change in changes_between(before, after)]))


if __name__ == "__main__":
    main()
