"""What anybody may read without a key: the home page, SDL, health; and metrics from this machine."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.quality.known import Known
from publicgsb.datasets.quality.score import utc_today
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.releases.deprecating import deprecation_headers
from publicgsb.datasets.requests import http as requests_http
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.encodings import accepts_gzip
from publicgsb.platform.kernel.errors import NotFound, Unavailable
from publicgsb.platform.kernel.etags import is_known
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.platform.server.metrics import Metrics
from publicgsb.platform.server.portal.certificate import render_certificate
from publicgsb.platform.server.portal.changelog import changelog_json, render_changelog, render_feed
from publicgsb.platform.server.portal.dataset_page import render_dataset
from publicgsb.platform.server.portal.page import render_home
from publicgsb.platform.server.portal.pricing import render_pricing
from publicgsb.platform.server.portal.requests_page import render_requests
from publicgsb.quotas.model import Plan
from publicgsb.quotas.redis_client import TROUBLE
from publicgsb.schema.serving.history import SchemaHistory
from publicgsb.schema.serving.slices import parse_names
from publicgsb.schema.serving.world import Worlds

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

PAGE_ENTRIES = 50  # versions on the changelog's page and in its feed
READY_SECONDS = 1.0  # a probe wants an answer, not patience

_SDL = "text/plain; charset=utf-8"

# A page that needs nothing from elsewhere and runs nothing.
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_PAGE_HEADERS = {"content-security-policy": _PAGE_POLICY, "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True)
class PublicRoutes:
    worlds: Worlds
    pulse: Pulse
    control: Connections
    redis_answers: Callable[[], Awaitable[None]]
    metrics: Metrics
    base_url: str
    history: SchemaHistory
    made: Callable[[Collection[int]], Awaitable[Mapping[int, Made]]]  # files, by release id
    answered: Callable[[], Awaitable[Known]]  # which addresses did
    contact: str | None = None  # of the operator

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/datasets/{agency}/{dataset}", self.dataset, methods=["GET"]),
            Route("/schema.graphql", self.schema, methods=["GET"]),
            Route("/changelog", self.changelog, methods=["GET"]),
            Route("/changelog.json", self.changelog_as_json, methods=["GET"]),
            Route("/changelog.atom", self.changelog_as_feed, methods=["GET"]),
            Route("/health/live", self.live, methods=["GET"]),
            Route("/health/ready", self.ready, methods=["GET"]),
            Route("/metrics", self.figures, methods=["GET"]),
        ]

    async def home(self, request: Request) -> Response:
        world = self.worlds.current
        body = render_home(world.registry, self.base_url, self.contact).encode()
        return _tagged(request, body, "text/html; charset=utf-8", _PAGE_HEADERS)

    async def dataset(self, request: Request) -> Response:
        entry = self.worlds.current.registry.dataset(request.path_params["agency"], request.path_params["dataset"])
        current = entry.current
        made = (await self.made([current.id])).get(current.id) if current else None
        answered = (await self.answered()).by_dataset.get(entry.id)
        page = render_dataset(entry, self.base_url, made, answered, utc_today())
        headers = _PAGE_HEADERS | deprecation_headers(entry, self.base_url)
        return _tagged(request, page.encode(), "text/html; charset=utf-8", headers)

    async def schema(self, request: Request) -> Response:
        """All of it, or the slice that ?datasets= names; the tag says which text it is, whichever worker answers."""
        world = self.worlds.current
        named = request.query_params.get("datasets")
        texts = world.texts if named is None else (await world.sliced(parse_names(named))).texts
        is_packed = accepts_gzip(request.headers.get("accept-encoding"))
        etag = f'"{texts.sha256[:24]}{"-gzip" * is_packed}"'
        headers = {"etag": etag, "cache-control": "no-cache", "vary": "accept-encoding"}
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        if not is_packed:
            return Response(await texts.plain(), media_type=_SDL, headers=headers)
        return Response(texts.compressed, media_type=_SDL, headers=headers | {"content-encoding": "gzip"})

    async def changelog(self, request: Request) -> Response:
        page = render_changelog(await self.history.entries(PAGE_ENTRIES), self.base_url)
        return _tagged(request, page.encode(), "text/html; charset=utf-8", _PAGE_HEADERS)

    async def changelog_as_json(self, request: Request) -> Response:
        body = orjson.dumps(changelog_json(await self.history.entries()))
        return _tagged(request, body, "application/json", {})

    async def changelog_as_feed(self, request: Request) -> Response:
        feed = render_feed(await self.history.entries(PAGE_ENTRIES), self.base_url)
        return _tagged(request, feed.encode(), "application/atom+xml; charset=utf-8", {})

    async def live(self, _: Request) -> Response:
        return _json({"status": "live"})

    async def ready(self, _: Request) -> Response:
        """Whether this worker can answer: fresh pulse and database. Without Redis it can; that is only told."""
        if not self.pulse.is_fresh:
            raise Unavailable("This worker has lost contact with the database.", reason="pulse")
        try:
            async with asyncio.timeout(READY_SECONDS), self.control.use() as connection:
                await connection.fetchval("select 1")
        except TimeoutError as silent:
            raise Unavailable("The database does not answer.", reason="database") from silent
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self.redis_answers()
            redis = "answers"
        except TROUBLE:
            redis = "away"
        version = self.worlds.current.registry.version
        return _json({"status": "ready", "registryVersion": version, "redis": redis})

    async def figures(self, request: Request) -> Response:
        """Only from this machine, and not through a proxy on it."""
        if not _is_local(request):
            raise NotFound("There is nothing at /metrics.", hint="/ shows what is here.")
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def pricing_page(base_url: str) -> Callable[[Sequence[Plan]], Response]:
    """What quotas shows of its plans to a browser."""
    return lambda plans: Response(
        render_pricing(plans, base_url), media_type="text/html; charset=utf-8", headers=_PAGE_HEADERS
    )


def requests_page(base_url: str, registry: Callable[[], Registry]) -> requests_http.Page:
    """What datasets shows of data requests to a browser."""
    headers = {**_PAGE_HEADERS, "cache-control": "no-cache"}
    return lambda found, figures, now, calendar: Response(
        render_requests(found, figures, now, calendar, base_url, registry().agencies),
        media_type="text/html; charset=utf-8",
        headers=headers,
    )


def certificate_page(base_url: str, jwks_path: str) -> Callable[[Mapping[str, Any]], Response]:
    """What datasets shows of a release's certificate to whoever prints it."""
    headers = {**_PAGE_HEADERS, "cache-control": "no-cache"}
    return lambda signed: Response(
        render_certificate(signed, base_url, jwks_path), media_type="text/html; charset=utf-8", headers=headers
    )


def _is_local(request: Request) -> bool:
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _tagged(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """With an ETag, so that whoever polls pays for changes only."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**headers, "etag": etag, "cache-control": "no-cache"}
    if is_known(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json", headers={"cache-control": "no-store"})
