"""/explore: GraphiQL, bundled once by `make explorer`, so that no request leaves the machine it is served from."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.encodings import accepts_gzip
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, NotFound, Unavailable
from publicgsb.platform.kernel.etags import is_known
from publicgsb.platform.server.portal.examples import NOTHING, Glimpse, examples, glimpse_of, glimpse_query, index
from publicgsb.platform.server.portal.page import PAGES, STYLE
from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION
from publicgsb.schema.serving.inside import ask_inside
from publicgsb.schema.serving.world import World, Worlds

BUNDLE = Path(__file__).parent / "explorer" / "dist"

# Scripts, workers and requests from here only. The editor writes style elements, and its fonts are in its style sheet.
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
_MEDIA = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".ttf": "font/ttf"}
_GLIMPSES_MAX = 256


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    etag: str
    media_type: str


def bundled(folder: Path) -> dict[str, _File]:
    """The files of the bundle by name; none before it is built."""
    if not (folder / "entry.js").exists():
        return {}
    return {
        path.name: _File(path, hashlib.sha256(path.read_bytes()).hexdigest()[:24], _MEDIA[path.suffix])
        for path in sorted(folder.iterdir())
        if path.suffix in _MEDIA
    }


@dataclass(slots=True)
class ExploreRoutes:
    worlds: Worlds
    reader: Connections
    cursor_secret: bytes
    base_url: str
    files: dict[str, _File]
    is_fresh: Callable[[], bool] = lambda: True  # whether this process may trust the registry that it remembers
    _glimpses: OrderedDict[tuple[int, int], Glimpse] = field(default_factory=OrderedDict)  # by dataset and release

    def routes(self) -> list[Route]:
        return [
            Route("/explore", self.page, methods=["GET"]),
            Route("/explore/examples.json", self.examples, methods=["GET"]),
            Route("/explore/{file}", self.file, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        if self.files:
            body = PAGES.get_template("explore.html").render(new_operation_points=POINTS_PER_NEW_OPERATION)
            return Response(body, media_type="text/html", headers=_HEADERS | {"cache-control": "no-cache"})
        if "text/html" not in request.headers.get("accept", ""):
            raise Unavailable("The explorer is not built.", reason="explorer", hint="Run `make explorer` once.")
        body = PAGES.get_template("explore_unbuilt.html").render(style=STYLE, base_url=self.base_url)
        return Response(body, 503, media_type="text/html", headers={**_HEADERS, "cache-control": "no-store"})

    async def file(self, request: Request) -> Response:
        found = self.files.get(request.path_params["file"])
        if found is None:
            raise NotFound("The explorer has no such file.")
        is_packed = accepts_gzip(request.headers.get("accept-encoding"))
        etag = f'"{found.etag}{"-gzip" * is_packed}"'
        headers = {
            "etag": etag,
            "cache-control": "no-cache",
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
        }
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        path = found.path.with_name(f"{found.path.name}.gz") if is_packed else found.path
        body = await asyncio.to_thread(path.read_bytes)
        packed = {"content-encoding": "gzip"} if is_packed else {}
        headers |= {"content-type": found.media_type, "x-content-type-options": "nosniff"}
        return Response(body, headers=headers | packed)

    async def examples(self, request: Request) -> Response:
        """Without ?dataset= the datasets that there are, with it the queries to begin with."""
        world = self.worlds.current
        name = request.query_params.get("dataset")
        found: dict[str, Any] = (
            {"datasets": index(world.registry)} if name is None else await self._of(world, _entry(world.registry, name))
        )
        return Response(orjson.dumps(found), media_type="application/json", headers={"cache-control": "no-cache"})

    async def _of(self, world: World, entry: DatasetEntry) -> dict[str, Any]:
        return examples(world.registry, entry, await self._glimpse(world, entry))

    async def _glimpse(self, world: World, entry: DatasetEntry) -> Glimpse:
        """Kept per release; a database that is away leaves the variables empty."""
        query = glimpse_query(entry)
        if query is None or entry.current is None or not self.is_fresh():
            return NOTHING
        key = (entry.id, entry.current.id)
        if key not in self._glimpses:
            try:
                data = await ask_inside(world, self.reader, self.cursor_secret, query)
            except GsbError:
                return NOTHING
            self._glimpses[key] = glimpse_of(entry, data)
            if len(self._glimpses) > _GLIMPSES_MAX:
                self._glimpses.popitem(last=False)
        return self._glimpses[key]


def _entry(registry: Registry, name: str) -> DatasetEntry:
    agency, _, dataset = name.partition("/")
    if not dataset:
        raise InvalidRequest("A dataset is named as agency/dataset.", reason="dataset")
    return registry.dataset(agency, dataset)
