"""Our server with a look inside: how much memory it has, and how far each thing it remembers has filled.

`gsb serve`'s own application in one process; /bench/memory beside it answers. What it reads is nobody's interface.
"""

import ctypes
import gc
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, TypeAlias

import orjson

from benchmarks.ticking import memory_mb
from publicgsb.apikeys.keyring import RECORDS_MAX, UNKNOWN_MAX
from publicgsb.platform.server.app import create as create_app
from publicgsb.platform.server.cli.serving import serve_http
from publicgsb.platform.server.settings import load_settings
from publicgsb.schema.planning.limits import DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX
from publicgsb.schema.serving.persisted import REMEMBERED_BYTES_MAX
from publicgsb.schema.serving.seen import SEEN_BYTES_MAX, SEEN_MAX
from publicgsb.schema.serving.slices import SLICES_MAX
from publicgsb.schema.sql.search import asked

Message: TypeAlias = MutableMapping[str, Any]
_MB = 1e6


class _Collections:
    """How many full collections there were since this was last asked, and how much processor time the longest took."""

    def __init__(self) -> None:
        self._began = 0.0
        self._ms: list[float] = []
        gc.callbacks.append(self._note)

    def _note(self, phase: str, about: dict[str, int]) -> None:
        if about["generation"] == 2:
            if phase == "start":
                self._began = time.thread_time()
            else:
                self._ms.append(1000 * (time.thread_time() - self._began))

    def take(self) -> dict[str, float]:
        found, self._ms = self._ms, []
        return {"full_collections": len(found), "longest_ms": max(found, default=0.0)}


class Remembering:
    def __init__(self, app: Any) -> None:
        self._app = app
        self._collections = _Collections()

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http" or scope["path"] != "/bench/memory":
            await self._app(scope, receive, send)
            return
        if scope["query_string"] == b"collect":
            gc.collect()
        told = {
            "resident_mb": memory_mb(),
            "free_mb": _free_mb(),
            "cpu_seconds": time.process_time(),
            "blocks": sys.getallocatedblocks(),
            **self._collections.take(),
            "filled": {name: (size, most) for name, size, most in _filled(self._app._endpoint)},
        }
        body = orjson.dumps(told)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _filled(endpoint: Any) -> Iterator[tuple[str, float, float]]:
    """Name, size and bound; a bound of 0 is none."""
    parts = endpoint._parts
    plans, kept = parts.worlds.current.plans, endpoint.runner.kept
    yield "documents", len(plans), DOCUMENTS_MAX
    yield "documents MB", plans.bytes / _MB, DOCUMENTS_BYTES_MAX / _MB
    yield "seen bodies", len(endpoint._seen), SEEN_MAX
    yield "seen bodies MB", endpoint._seen.bytes / _MB, SEEN_BYTES_MAX / _MB
    yield "kept answers", len(kept._kept), 0
    yield "kept answers MB", kept.bytes / _MB, kept._bytes_max / _MB
    yield "documents by hash", len(parts.documents._remembered), 0
    yield "documents by hash MB", parts.documents._bytes / _MB, REMEMBERED_BYTES_MAX / _MB
    yield "slices", len(parts.worlds.current.slices._kept), SLICES_MAX
    yield "searches", asked.cache_info().currsize, asked.cache_parameters()["maxsize"]
    yield "keys", len(parts.keys._records), RECORDS_MAX
    yield "unknown keys", len(parts.keys._unknown), UNKNOWN_MAX
    yield "accounts", len(parts.purses._purses), 0
    reader = parts.reader
    statements = [len(one._stmt_cache._entries) for one in (*reader._idle, *reader._busy)]
    yield "statements of a connection", max(statements, default=0), reader._statement_cache_size


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    ]


def _free_mb() -> float:
    """What the C library has from the system and nobody uses; -1 where it does not tell."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        return -1.0
    library.mallinfo2.restype = _Mallinfo2
    free: int = library.mallinfo2().fordblks
    return free / _MB


def create() -> Any:
    return Remembering(create_app())


def main() -> None:
    serve_http(load_settings(port=int(sys.argv[1])), "benchmarks.remembering:create")


if __name__ == "__main__":
    main()
