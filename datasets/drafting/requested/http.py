"""The REST routes of drafts, for the agency's own people: send a file, read the contract that is proposed for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.drafting.requested import service
from publicgsb.datasets.drafting.requested.model import KEPT, DraftRequest, DraftState
from publicgsb.datasets.http import check_head
from publicgsb.datasets.jobs.service import receive
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.kernel.held import refuse_data_key

_PRIVATE = {"Cache-Control": "no-store"}

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]


@dataclass(frozen=True, slots=True)
class DraftRoutes:
    connections: Connections
    authenticate: Authenticate
    state_dir: Path
    upload_bytes_max: int

    def routes(self) -> list[Route]:
        one = "/api/v1/drafts/{draft}"
        return [
            Route("/api/v1/agencies/{agency}/datasets/{dataset}/drafts", self.ask, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/contract", self.contract, methods=["GET"]),
        ]

    async def ask(self, request: Request) -> Response:
        caller = await self._caller(request)
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        check_head(request, self.upload_bytes_max)
        await service.refuse_to_ask(self.connections, caller, agency, dataset)
        upload = await receive(self.state_dir, request.stream(), self.upload_bytes_max)
        made = await service.ask(self.connections, caller, agency, dataset, upload)
        headers = {**_PRIVATE, "Location": f"/api/v1/drafts/{made.id}", "Retry-After": "1"}
        return JSONResponse(_told(made), 202, headers=headers)

    async def show(self, request: Request) -> Response:
        found = await self._of(request)
        waits = {"Retry-After": "1"} if found.state is DraftState.QUEUED else {}
        return JSONResponse(_told(found), headers={**_PRIVATE, **waits})

    async def contract(self, request: Request) -> Response:
        """The proposal as YAML, with what it rests on in comments: to be edited, and sent to the dataset's contract."""
        found = await self._of(request)
        if found.yaml is None:
            raise Conflict(
                f"The draft is {found.state.value}.", reason="state", hint=f"GET /api/v1/drafts/{found.id} says more."
            )
        return Response(found.yaml, headers=_PRIVATE, media_type="application/yaml")

    async def _of(self, request: Request) -> DraftRequest:
        return await service.request_of(self.connections, await self._caller(request), request.path_params["draft"])

    async def _caller(self, request: Request) -> Caller:
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        return caller


def _told(request: DraftRequest) -> dict[str, Any]:
    return {
        "id": request.id,
        "dataset": request.name,
        "state": request.state.value,
        "fileSha256": request.file_sha256,
        "fileBytes": request.file_bytes,
        "draft": request.proposal,
        "error": request.error,
        "createdAt": request.created_at.isoformat(),
        "finishedAt": request.finished_at.isoformat() if request.finished_at else None,
        "keptUntil": (request.finished_at + KEPT).isoformat() if request.finished_at else None,
    }
