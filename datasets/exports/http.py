"""The routes of files: the list of a release's, each of them, and its CSV as one, streamed while it is not yet made."""

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.contracts.decisions import withheld
from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.downloading import MEDIA_TYPE, Download, Meter, file_response, while_readable
from publicgsb.datasets.exports import content as contents
from publicgsb.datasets.exports import serving
from publicgsb.datasets.exports.content import Content
from publicgsb.datasets.exports.datapackage import data_package
from publicgsb.datasets.exports.dcat import dcat_catalogue
from publicgsb.datasets.exports.known import MadeFiles, current_ids
from publicgsb.datasets.exports.manifest import DATA_PACKAGE, WHOLE_CSV, folder_of, manifest
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.exports.objects import Objects
from publicgsb.datasets.exports.signing import URL_SECONDS, Signer
from publicgsb.datasets.file_access import check_caller, file_levels, is_anybodys
from publicgsb.datasets.files import Downloads
from publicgsb.datasets.quality.dqv import with_quality
from publicgsb.datasets.quality.known import Known, nothing_known
from publicgsb.datasets.quality.score import utc_today
from publicgsb.datasets.registry import DatasetEntry, DatasetState, Registry, ReleaseRef
from publicgsb.datasets.releases.deprecating import deprecation_headers
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import DatasetWithdrawn, NotFound, NotPermitted, Unavailable
from publicgsb.platform.kernel.etags import is_known

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_RELEASE = re.compile(r"latest|[1-9]\d{0,8}")


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the routes need from the rest of the house."""

    reader: Connections  # released tables: what is streamed
    registry: Callable[[], Registry]
    authenticate: Callable[[Request], Awaitable[Caller]]
    holder: Callable[[Request, str], Awaitable[Caller]]  # who a key belongs to, by its id: as that key stands now
    meter: Meter
    objects: Objects
    made: MadeFiles
    signer: Signer
    base_url: str
    limit: Callable[[Endpoint], Endpoint] = lambda endpoint: endpoint  # the edge guard
    is_fresh: Callable[[], bool] = lambda: True  # whether this process may trust the registry that it remembers
    clock: Callable[[], float] = time.time
    quality: Callable[[], Awaitable[Known]] = nothing_known  # which addresses answered
    today: Callable[[], date] = utc_today

    def trusted(self) -> Registry:
        """The registry; raises Unavailable while a recall may have been missed: files that need no key outlive none."""
        if not self.is_fresh():
            raise Unavailable("This process has no contact with the others.", reason="fenced")
        return self.registry()

    def check(self, entry: DatasetEntry, release: ReleaseRef) -> Callable[[], None]:
        """What raises ReleaseRecalled or DatasetWithdrawn once it is so, and Unavailable when that is not known."""

        def check() -> None:
            now = self.trusted().dataset(entry.agency.slug, entry.slug)
            _refuse_withdrawn(now)
            if release.seq in now.recalled:
                now.release(release.seq)

        return check


@dataclass(frozen=True, slots=True)
class _Asked:
    """A release whose files the caller may have; None is anybody."""

    entry: DatasetEntry
    release: ReleaseRef
    caller: Caller | None
    base_url: str

    @property
    def headers(self) -> dict[str, str]:
        return {
            **deprecation_headers(self.entry, self.base_url),
            # A recalled release must stop being readable, so a copy is asked about each time.
            "Cache-Control": "private, no-cache" if self.caller else "public, no-cache",
            "Vary": "Authorization, X-API-Key",
            "GSB-Release": str(self.release.seq),
        }

    def saved_as(self, name: str) -> dict[str, str]:
        """The name under which a browser keeps the file: data.csv of many releases would be one."""
        own = f"{self.entry.agency.slug}.{self.entry.slug}.r{self.release.seq}"
        name = f"{own}.{name.removeprefix('data.')}"
        return {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}


class FileRoutes:
    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._downloads = Downloads(deps.reader)

    def routes(self) -> list[Route]:
        guard = self._deps.limit
        listed = "/api/v1/agencies/{agency}/datasets/{dataset}/releases/{release}/files"
        return [
            Route("/catalog.jsonld", guard(self.catalogue), methods=["GET"]),
            Route(listed, guard(self.manifest), methods=["GET"]),
            Route("/files/{agency}/{dataset}/{release}.csv", guard(self.csv), methods=["GET"]),
            Route("/files/{agency}/{dataset}/{release}/{name}", guard(self.file), methods=["GET"]),
        ]

    async def catalogue(self, request: Request) -> Response:
        """DCAT-AP 3, for the portals that harvest."""
        registry = self._deps.registry()
        made = await self._deps.made.known(current_ids(registry))
        known, today = await self._deps.quality(), self._deps.today()
        etag = f'"dcat-{registry.version}-{len(made)}-{known.tag}-{today.isoformat()}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        # With many datasets it takes long, so not in the event loop.
        body = await asyncio.to_thread(self._harvested, registry, made, known, today)
        return Response(body, headers=headers, media_type="application/ld+json")

    def _harvested(self, registry: Registry, made: Mapping[int, Made], known: Known, today: date) -> bytes:
        document = dcat_catalogue(registry, self._deps.base_url, made)
        return orjson.dumps(with_quality(document, registry, self._deps.base_url, known.by_dataset, today))

    async def manifest(self, request: Request) -> Response:
        """Free. With a key the addresses are signed for it, and end; without one they are anybody's.

        With a token they are plain, and it comes along again: signed, they would have all rights of its key.
        """
        asked = await self._asked(request)
        made = await self._deps.made.of(asked.release.id)
        folder, base_url, caller = folder_of(asked.entry, asked.release), self._deps.base_url, asked.caller
        if caller is None or caller.is_token:
            document = manifest(asked.entry, asked.release, made, lambda name: f"{base_url}{folder}/{name}", None)
            return JSONResponse(document, headers=asked.headers | ({"Cache-Control": "no-store"} if caller else {}))
        expires = math.ceil(self._deps.clock()) + URL_SECONDS
        signer, key_id = self._deps.signer, caller.key_id
        document = manifest(
            asked.entry,
            asked.release,
            made,
            lambda name: signer.url(base_url, f"{folder}/{name}", key_id, expires),
            expires,
        )
        return JSONResponse(document, headers=asked.headers | {"Cache-Control": "no-store"})

    async def csv(self, request: Request) -> Response:
        """All rows as one CSV."""
        return await self._whole(request, await self._asked(request))

    async def file(self, request: Request) -> Response:
        """One of the files in a release's folder."""
        asked, name = await self._asked(request), request.path_params["name"]
        if name == WHOLE_CSV:
            return await self._whole(request, asked)
        made = await self._deps.made.of(asked.release.id)
        if made is None:
            raise NotFound(
                f"The files of release {asked.release.seq} of {asked.entry.name} are not made yet.",
                hint=f"They will be in a moment; {WHOLE_CSV} is answered already.",
                reason="pending",
            )
        if name == DATA_PACKAGE and made.parts:
            return JSONResponse(data_package(asked.entry, asked.release, made), headers=asked.headers)
        found = contents.named(made, name)
        if found is None:
            raise NotFound(f"Release {asked.release.seq} of {asked.entry.name} has no file of that name.")
        return await self._send(request, asked, made, found, name)

    async def _whole(self, request: Request, asked: _Asked) -> Response:
        has_bom = request.query_params.get("bom") == "1"
        made = await self._deps.made.of(asked.release.id)
        if made is None:
            return await self._stream(request, asked, has_bom=has_bom)
        content = contents.whole_csv(made, has_bom=has_bom)
        assert content is not None  # who was asked has found a column that is in files
        return await self._send(request, asked, made, content, WHOLE_CSV)

    async def _send(self, request: Request, asked: _Asked, made: Made, content: Content, name: str) -> Response:
        async def begin(size: int) -> Download:
            return await self._deps.meter.begin(
                asked.caller, asked.entry, asked.release, serving.etag_of(content), size
            )

        headers, check = asked.headers | asked.saved_as(name), self._deps.check(asked.entry, asked.release)
        return await serving.answer(request, self._deps.objects, content, made.made_at, headers, begin, check)

    async def _stream(self, request: Request, asked: _Asked, *, has_bom: bool) -> Response:
        """Out of the database, while the jobs process has not made the files."""
        release = asked.release
        # The contract names the columns: equal rows under other names are another file.
        etag = f'"sha256-{release.sha256}-{release.contract.sha256[:12]}-csv{"-bom" * has_bom}"'
        headers = asked.headers | {"ETag": etag}
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        headers |= asked.saved_as(WHOLE_CSV)
        if request.method == "HEAD":
            return Response(headers=headers, media_type=MEDIA_TYPE)
        download = await self._deps.meter.begin(asked.caller, asked.entry, release, etag)
        chunks = while_readable(
            self._downloads.chunks(release, has_bom=has_bom), self._deps.check(asked.entry, asked.release)
        )
        return await file_response(download, chunks, headers)

    async def _asked(self, request: Request) -> _Asked:
        """Raises what says why not: a recalled, withdrawn or gone release is refused with a signed address too."""
        named: Mapping[str, str] = request.path_params
        registry = self._deps.trusted()
        entry = registry.dataset(named["agency"], named["dataset"])
        caller = await self._caller(request)  # first: a refusal tells what is left too
        release = release_of(entry, named["release"], registry.version)
        levels = file_levels(entry, release)
        if not levels:
            raise NotPermitted("No field of this dataset is in its files.", reason="grant")
        if caller is None and not is_anybodys(entry, levels):
            caller = await self._deps.authenticate(request)  # which says that a key is missing
        if caller is not None:
            check_caller(caller, entry, levels, self._deps.clock())
        return _Asked(entry, release, caller, self._deps.base_url)

    async def _caller(self, request: Request) -> Caller | None:
        signed_for = self._deps.signer.key_of(request.scope["path"], request.query_params, self._deps.clock())
        if signed_for is not None:
            return await self._deps.holder(request, signed_for)
        has_key = "authorization" in request.headers or "x-api-key" in request.headers
        return await self._deps.authenticate(request) if has_key else None


def release_of(entry: DatasetEntry, wanted: str, version: int) -> ReleaseRef:
    """By its number, or `latest`; raises what says why its files are nobody's."""
    if entry.contract.access is AccessLevel.WITHHELD:
        raise withheld(entry.name, entry.contract)
    _refuse_withdrawn(entry)
    if not _RELEASE.fullmatch(wanted):
        raise NotFound("A file is named by its release number or latest, e.g. latest.csv.")
    if wanted != "latest":
        return entry.release(int(wanted))
    if entry.current is None:
        entry.refuse_recalled(version)
        raise NotFound(f"{entry.name} has no release yet.")
    return entry.current


def _refuse_withdrawn(entry: DatasetEntry) -> None:
    if entry.state is DatasetState.WITHDRAWN:
        reason = entry.withdrawn_reason
        raise DatasetWithdrawn(
            f"{entry.name} was withdrawn.",
            hint=f"Ask for {entry.successor} instead." if entry.successor else None,
            withdrawn_reason={"fa": reason.fa, "en": reason.en} if reason else None,
            successor=entry.successor,
        )
