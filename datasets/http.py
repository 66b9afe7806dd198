"""The REST routes of datasets: hand in a file, follow its job, read a contract, or the whole catalogue."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.catalogue import catalogue, dataset_page
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.exports.known import current_ids
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.jobs import service as jobs
from publicgsb.datasets.jobs.model import Job
from publicgsb.datasets.quality.known import Known, nothing_known
from publicgsb.datasets.quality.score import utc_today
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.datasets.releases.deprecating import deprecation_headers
from publicgsb.datasets.releases.modes import read_mode
from publicgsb.datasets.releases.notes import read_notes
from publicgsb.datasets.reviews import service as reviews
from publicgsb.datasets.reviews.rights import refuse_reviewer, refuse_to_act, submitter_of
from publicgsb.datasets.served import Served, all_served, until_served
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound, NotPermitted
from publicgsb.platform.kernel.etags import is_known
from publicgsb.platform.kernel.held import refuse_data_key

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]
Limit: TypeAlias = Callable[[Callable[[Request], Awaitable[Response]]], Callable[[Request], Awaitable[Response]]]

GrantRequests: TypeAlias = Callable[[], Awaitable[Mapping[int, Mapping[str, int | None]]]]


# What a file is called is checked against this list; what it is, is found in its bytes.
UPLOAD_MEDIA_TYPES = (
    "text/csv",
    "text/tab-separated-values",
    "application/json",
    "application/jsonl",
    "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.apache.parquet",
    "application/gzip",
    "application/x-gzip",
    "application/zstd",
    "application/zip",
)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}")


async def no_files(_: Collection[int]) -> Mapping[int, Made]:
    return {}


async def no_figures() -> Mapping[int, Mapping[str, int | None]]:
    return {}


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the routes need from the rest of the house."""

    connections: Connections  # control: jobs
    registry: Callable[[], Registry]
    authenticate: Authenticate
    state_dir: Path
    base_url: Callable[[Request], str]
    upload_bytes_max: int
    limit: Limit = lambda endpoint: endpoint  # the edge guard of routes that take no key
    grant_requests: GrantRequests = no_figures  # how requests for restricted data ended, by dataset id
    made: Callable[[Collection[int]], Awaitable[Mapping[int, Made]]] = no_files  # files, by release id
    quality: Callable[[], Awaitable[Known]] = nothing_known  # which addresses answered
    today: Callable[[], date] = utc_today
    served: Served = all_served  # whether this worker is at a version of the registry


def routes(deps: Dependencies) -> list[Route]:
    pages = _Pages(deps)
    guard = deps.limit
    dataset = "/api/v1/agencies/{agency}/datasets/{dataset}"
    return [
        Route("/catalog.json", guard(pages.catalogue), methods=["GET"]),
        Route(dataset, guard(pages.contract), methods=["GET"]),
        Route(f"{dataset}/releases", pages.upload, methods=["POST"]),
        Route("/api/v1/jobs/{job}", pages.job, methods=["GET"]),
    ]


class _Pages:
    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def catalogue(self, request: Request) -> Response:
        registry, requests = self._deps.registry(), await self._deps.grant_requests()
        made = await self._deps.made(current_ids(registry))
        known, today = await self._deps.quality(), self._deps.today()
        # Files are made, and none is unmade; how old a dataset is changes by the day.
        etag = f'"catalogue-{registry.version}-{len(made)}{_told(requests)}-{known.tag}-{today.isoformat()}"'
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers={"ETag": etag})
        # With many datasets it takes long, so not in the event loop.
        document = await asyncio.to_thread(
            catalogue, registry, self._deps.base_url(request), requests, made, known.by_dataset, today
        )
        return JSONResponse(document, headers={"ETag": etag, "Cache-Control": "no-cache"})

    async def contract(self, request: Request) -> Response:
        entry = self._entry(request)
        base_url = self._deps.base_url(request)
        headers = {"Cache-Control": "no-cache", **deprecation_headers(entry, base_url)}
        return JSONResponse(dataset_page(entry, base_url), headers=headers)

    async def upload(self, request: Request) -> Response:
        caller = await self._agency_caller(request)
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        known = self._deps.registry().agencies.get(agency)
        if known is None:
            raise NotFound(f"There is no agency {agency}.")
        refuse_reviewer(caller)
        if known.id != caller.agency_id:
            raise NotPermitted("This key belongs to another agency.", reason="other_agency")
        await self._refuse_beyond(caller, agency, dataset)
        key = idempotency_key_of(request)
        as_of = as_of_of(request)
        mode, notes = read_mode(request.query_params.get("mode")), notes_in(request)
        check_head(request, self._deps.upload_bytes_max)
        upload = await jobs.receive(self._deps.state_dir, request.stream(), self._deps.upload_bytes_max)
        job, is_new = await reviews.receive_upload(
            *(self._deps.connections, submitter_of(caller), agency, dataset, key, upload),
            as_of=as_of,
            mode=mode,
            notes=notes,
        )
        await until_served(self._deps.served, job.version)
        location = f"/api/v1/jobs/{job.id}"
        return JSONResponse(job_json(job), status_code=202 if is_new else 200, headers={"Location": location})

    async def job(self, request: Request) -> Response:
        caller = await self._agency_caller(request)
        job = await jobs.job_of(self._deps.connections, caller.agency_id, request.path_params["job"])
        await self._refuse_beyond(caller, job.agency, job.dataset)
        await until_served(self._deps.served, job.version)
        return JSONResponse(job_json(job), headers={"Cache-Control": "no-store"})

    def _entry(self, request: Request) -> DatasetEntry:
        return self._deps.registry().dataset(request.path_params["agency"], request.path_params["dataset"])

    async def _refuse_beyond(self, caller: Caller, agency: str, dataset: str) -> None:
        """An agency's key that is held to datasets or levels; the dataset may be one that nobody sees yet."""
        if caller.only is not None or caller.levels is not None:
            await refuse_to_act(self._deps.connections, caller, agency, dataset)

    async def _agency_caller(self, request: Request) -> Caller:
        caller = await self._deps.authenticate(request)
        refuse_data_key(caller)
        return caller


def _told(requests: Mapping[int, Mapping[str, int | None]]) -> str:
    """The part of a tag that says which figures were told; nothing when there are none."""
    if not requests:
        return ""
    told = sorted((dataset, *figures.values()) for dataset, figures in requests.items())
    return "-" + hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def job_json(job: Job) -> dict[str, Any]:
    """A job as its agency sees it."""
    return {
        "id": job.id,
        "agency": job.agency,
        "dataset": job.dataset,
        "state": job.state.value,
        "stage": job.stage,
        "progress": {
            "rows": job.rows_done,
            "bytes": job.bytes_done,
            "bytesTotal": job.bytes_total or job.file_bytes,
        },
        "mode": job.mode.value,
        "fileSha256": job.file_sha256,
        "release": job.release_seq,
        "submission": job.submission_id,
        "report": job.report,
        "error": job.error,
        "createdAt": job.created_at.isoformat(),
        "finishedAt": job.finished_at.isoformat() if job.finished_at else None,
    }


def check_head(request: Request, bytes_max: int) -> None:
    """Refused before a byte of the body is read, where the head says enough."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in UPLOAD_MEDIA_TYPES:
        raise InvalidRequest(
            f"The body must be one of {', '.join(UPLOAD_MEDIA_TYPES)}.",
            hint="Send the file itself, with its Content-Type.",
            reason="media_type",
            status=415,
        )
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > bytes_max:
        raise jobs.too_large(bytes_max)


def idempotency_key_of(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidRequest(
            "The header Idempotency-Key is missing or malformed: 1 to 128 printable ASCII characters.",
            hint="Send a new one for each file, e.g. a UUID, and the same one when repeating a request.",
            reason="idempotency_key",
        )
    return key


def as_of_of(request: Request) -> date | None:
    params: Mapping[str, str] = request.query_params
    text = params.get("asOf")
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest("asOf must be a date like 2026-11-23.", reason="as_of") from None


def notes_in(request: Request) -> Label | None:
    params: Mapping[str, str] = request.query_params
    return read_notes(params.get("notesFa"), params.get("notesEn"))
