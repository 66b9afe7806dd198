"""The routes of exports: ask for some fields and rows, see how far it is, and download what was made."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.bodies import check_declared, json_object
from publicgsb.datasets.downloading import Download
from publicgsb.datasets.exports import content as contents
from publicgsb.datasets.exports import serving
from publicgsb.datasets.exports.http import Dependencies, release_of
from publicgsb.datasets.exports.manifest import part_json
from publicgsb.datasets.exports.model import FileFormat
from publicgsb.datasets.exports.requested import store
from publicgsb.datasets.exports.requested.model import ExportRequest, RequestState
from publicgsb.datasets.exports.requested.service import Asked, submit, touched_levels
from publicgsb.datasets.exports.signing import URL_SECONDS
from publicgsb.datasets.file_access import check_caller
from publicgsb.datasets.held_to import check_datasets
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.kernel.texts import is_storable

BODY_BYTES_MAX = 256 * 1024
FIELDS_MAX = 1_000
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_MEMBERS = frozenset({"dataset", "release", "format", "fields", "where"})


class ExportRoutes:
    def __init__(self, connections: Connections, deps: Dependencies) -> None:
        self._connections = connections
        self._deps = deps

    def routes(self) -> list[Route]:
        guard = self._deps.limit
        return [
            Route("/api/v1/exports", guard(self.submit), methods=["POST"]),
            Route("/api/v1/exports/{export}", guard(self.show), methods=["GET"]),
            Route("/api/v1/exports/{export}/{name}", guard(self.file), methods=["GET"]),
        ]

    async def submit(self, request: Request) -> Response:
        caller = await self._deps.authenticate(request)
        key = request.headers.get("idempotency-key", "")
        if not _KEY.fullmatch(key):
            raise InvalidRequest(
                "The header Idempotency-Key is missing or malformed: 1 to 128 printable ASCII characters.",
                hint="Send a new one for each export, and the same one when repeating a request.",
                reason="idempotency_key",
            )
        check_declared(request)
        body = await json_object(request, BODY_BYTES_MAX, _MEMBERS)
        asked = _asked(body)
        entry, release = self._release(body.get("dataset"), str(body.get("release", "latest")))
        levels = touched_levels(entry, release, asked.fields, asked.where)
        check_caller(caller, entry, levels, self._deps.clock())
        made, is_new = await submit(self._connections, caller, entry, release, asked, key)
        location = {"Location": f"/api/v1/exports/{made.id}"}
        return JSONResponse(self._told(made, caller), 202 if is_new else 200, headers=location)

    async def show(self, request: Request) -> Response:
        caller = await self._deps.authenticate(request)
        found = await self._own(caller, request.path_params["export"])
        check_datasets(caller, [f"{found.agency}/{found.dataset}"])  # keys of one account are held to different ones
        return JSONResponse(self._told(found, caller), headers={"Cache-Control": "no-store"})

    async def file(self, request: Request) -> Response:
        """Asked again at each download: the key, what it may read today, and whether the release is still there."""
        deps, now = self._deps, self._deps.clock()
        signed_for = deps.signer.key_of(request.scope["path"], request.query_params, now)
        caller = await (deps.authenticate(request) if signed_for is None else deps.holder(request, signed_for))
        found = await self._own(caller, request.path_params["export"])
        entry, release = self._release(f"{found.agency}/{found.dataset}", str(found.seq))
        check_caller(caller, entry, touched_levels(entry, release, found.fields, found.conditions), now)
        name = request.path_params["name"]
        part = next((one for one in found.parts if one.name == name), None)
        if part is None or found.finished_at is None:
            raise NotFound("This export has no file of that name.")
        content = contents.of_part(part)

        async def begin(size: int) -> Download:
            return await deps.meter.begin(caller, entry, release, serving.etag_of(content), size)

        headers = {
            "Cache-Control": "private, no-cache",
            "GSB-Release": str(release.seq),
            "Content-Disposition": f'attachment; filename="{found.id}.{name.removeprefix("data.")}"',
        }
        check = deps.check(entry, release)
        return await serving.answer(request, deps.objects, content, found.finished_at, headers, begin, check)

    def _release(self, name: Any, wanted: str) -> tuple[DatasetEntry, ReleaseRef]:
        agency, separator, slug = name.partition("/") if isinstance(name, str) else ("", "", "")
        if not separator:
            raise InvalidRequest("dataset is not of the form agency/dataset.", reason="dataset")
        registry = self._deps.trusted()
        entry = registry.dataset(agency, slug)
        return entry, release_of(entry, wanted, registry.version)

    async def _own(self, caller: Caller, export: str) -> ExportRequest:
        """NotFound also for another account's, and for one that is past its day and not yet swept."""
        async with self._connections.use() as connection:
            found = await store.by_id(connection, export) if is_storable(export) else None
        is_past = found is not None and found.expires_at is not None and found.expires_at <= datetime.now(UTC)
        if found is None or is_past or found.account != caller.account:
            raise NotFound("There is no such export.", hint="They are kept for a day.")
        return found

    def _told(self, request: ExportRequest, caller: Caller) -> dict[str, Any]:
        expires = math.ceil(self._deps.clock()) + URL_SECONDS
        folder = f"/api/v1/exports/{request.id}"

        def url_of(name: str) -> str:
            if caller.is_token:  # it comes along again: a signed address would have all rights of its key
                return f"{self._deps.base_url}{folder}/{name}"
            return self._deps.signer.url(self._deps.base_url, f"{folder}/{name}", caller.key_id, expires)

        return {
            "id": request.id,
            "dataset": f"{request.agency}/{request.dataset}",
            "release": request.seq,
            "format": request.format.value,
            "fields": list(request.fields),
            "where": request.conditions,
            "state": request.state.value,
            "rows": sum(part.rows for part in request.parts) if request.state is RequestState.MADE else None,
            "parts": [part_json(part, url_of) for part in request.parts],
            "error": orjson.loads(request.error) if request.error else None,
            "createdAt": request.created_at.isoformat(),
            "expiresAt": request.expires_at.isoformat() if request.expires_at else None,
        }


def _asked(body: Mapping[str, Any]) -> Asked:
    formats = [one.value for one in FileFormat]
    if body.get("format", FileFormat.PARQUET.value) not in formats:
        raise InvalidRequest(f"format is one of {', '.join(formats)}.", reason="format")
    fields, where = body.get("fields", []), body.get("where", {})
    if not isinstance(fields, list) or len(fields) > FIELDS_MAX or not all(isinstance(one, str) for one in fields):
        raise InvalidRequest("fields is not a list of names.", reason="fields")
    if not isinstance(where, dict):
        raise InvalidRequest("where is not an object like {field: {operator: value}}.", reason="where")
    return Asked(FileFormat(body.get("format", FileFormat.PARQUET.value)), tuple(fields), where)
