"""Anybody may read how good a dataset is, part by part: nothing of it is a value of a row."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.quality.known import Known
from publicgsb.datasets.quality.score import utc_today
from publicgsb.datasets.quality.service import as_json, quality
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.etags import is_known

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

PATH = "/api/v1/datasets/{agency}/{dataset}/quality"


@dataclass(frozen=True, slots=True)
class QualityRoutes:
    registry: Callable[[], Registry]
    made: Callable[[Collection[int]], Awaitable[Mapping[int, Made]]]  # files, by release id
    known: Callable[[], Awaitable[Known]]
    base_url: str
    limit: Callable[[Endpoint], Endpoint] = lambda endpoint: endpoint  # the edge guard
    today: Callable[[], date] = utc_today

    def routes(self) -> list[Route]:
        return [Route(PATH, self.limit(self.quality), methods=["GET"])]

    async def quality(self, request: Request) -> Response:
        """Also of what is withheld or withdrawn: its metadata is published all the same."""
        registry, names = self.registry(), request.path_params
        entry = registry.dataset(names["agency"], names["dataset"])
        known, today = await self.known(), self.today()
        made = await self.made([entry.current.id]) if entry.current else {}
        etag = f'"quality-{registry.version}-{len(made)}-{known.tag}-{today.isoformat()}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        of_current = made.get(entry.current.id) if entry.current else None
        found = quality(entry, self.base_url, of_current, known.by_dataset.get(entry.id), today)
        return JSONResponse(as_json(entry, found), headers=headers)
