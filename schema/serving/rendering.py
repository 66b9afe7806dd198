"""Long work on schema texts, in a process of its own: text in, text out, no database, no secrets.

`python -m publicgsb.schema.serving.rendering` is what runs there. A thread would not do: introspecting 1,400 datasets
takes seconds of CPU that hold the interpreter, and every request of the worker would wait for its turns.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

import orjson
from graphql import build_schema, execute_sync, parse

from publicgsb.schema.types.changes import changes_between

RENDER_SECONDS = 120.0
_NICENESS = 10  # requests come first
_MODULE = "publicgsb.schema.serving.rendering"

_one_at_a_time = asyncio.Semaphore(1)


class RenderingError(Exception):
    """The process ended without an answer; its own words are in the log."""


async def render_introspection(sdl: str, query: str) -> bytes:
    """The value of `__schema` as JSON, as `query` asks for it."""
    return await _render({"task": "introspection", "sdl": sdl, "query": query})


async def render_changes(before: str, after: str) -> bytes:
    """A JSON list of {kind, path, type}: what a reader of `before` meets in `after`."""
    return await _render({"task": "changes", "before": before, "after": after})


async def _render(task: Mapping[str, str]) -> bytes:
    async with _one_at_a_time:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _MODULE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(RENDER_SECONDS):
                answer, _ = await child.communicate(orjson.dumps(task))
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
    if child.returncode != 0:
        raise RenderingError(f"rendering ended with {child.returncode}")
    return answer


def _introspection(task: Mapping[str, str]) -> bytes:
    schema = build_schema(task["sdl"], assume_valid=True, assume_valid_sdl=True, no_location=True)
    result = execute_sync(schema, parse(task["query"], no_location=True))
    if result.errors or result.data is None:
        raise RenderingError(str(result.errors))
    return orjson.dumps(result.data["__schema"])


def _changes(task: Mapping[str, str]) -> bytes:
    return orjson.dumps([change.as_json() for change in changes_between(task["before"], task["after"])])


_TASKS: Mapping[str, Callable[[Mapping[str, str]], bytes]] = {"introspection": _introspection, "changes": _changes}


def main() -> None:
    os.nice(_NICENESS)
    task: Mapping[str, str] = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(_TASKS[task["task"]](task))


if __name__ == "__main__":
    main()
