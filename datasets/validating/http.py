"""The REST routes by which a publisher has a file looked at: nothing is handed in, and nobody else sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.declaring import reading
from publicgsb.datasets.declaring.model import Wish
from publicgsb.datasets.declaring.service import refuse_to_declare
from publicgsb.datasets.declaring.told import outcome_json
from publicgsb.datasets.http import check_head
from publicgsb.datasets.jobs.service import receive
from publicgsb.datasets.notices.model import UsersOf
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.releases.modes import read_mode
from publicgsb.datasets.validating import service
from publicgsb.datasets.validating.model import KEPT, Validation
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.held import refuse_data_key

_PRIVATE = {"Cache-Control": "no-store"}

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ValidationRoutes:
    connections: Connections
    authenticate: Authenticate
    state_dir: Path
    upload_bytes_max: int
    users_of: UsersOf
    registry: Callable[[], Registry]
    limit: Callable[[Endpoint], Endpoint] = lambda endpoint: endpoint
    # One contract at a time is read by a worker, beside what it answers.
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def routes(self) -> list[Route]:
        dataset, one = "/api/v1/agencies/{agency}/datasets/{dataset}", "/api/v1/validations/{validation}"
        return [
            Route(f"{dataset}/validate", self.validate, methods=["POST"]),
            Route(f"{dataset}/validate/contract", self.limit(self.contract), methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/file", self.file, methods=["PUT"]),
        ]

    async def validate(self, request: Request) -> Response:
        """The file, looked at under the contract that the next release would have."""
        caller = await self._caller(request)
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        mode = read_mode(request.query_params.get("mode"))
        check_head(request, self.upload_bytes_max)
        await service.refuse_to_validate(self.connections, caller, agency, dataset)
        upload = await receive(self.state_dir, request.stream(), self.upload_bytes_max)
        made = await service.validate(self.connections, caller, agency, dataset, upload, mode)
        return _accepted(made)

    async def contract(self, request: Request) -> Response:
        """A contract that need not be declared; `file` is where its file goes next."""
        caller = await self._caller(request)
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        await refuse_to_declare(self.connections, caller, agency, dataset)
        media_type, raw = await reading.body_of(request)
        async with self.turn:
            contract = await asyncio.to_thread(reading.contract_in, media_type, raw, agency, dataset)
        wish = Wish(contract, is_dry_run=True)
        made, outcome = await service.validate_under(self.connections, caller, wish, self.users_of, self.registry())
        at = _address(made)
        told = {**_told(made), "declaring": outcome_json(outcome), "file": f"{at}/file"}
        return JSONResponse(told, 201, headers={**_PRIVATE, "Location": at})

    async def file(self, request: Request) -> Response:
        """The file of a validation that has its contract."""
        caller = await self._caller(request)
        validation, mode = request.path_params["validation"], read_mode(request.query_params.get("mode"))
        check_head(request, self.upload_bytes_max)
        await service.refuse_to_give(self.connections, caller, validation)
        upload = await receive(self.state_dir, request.stream(), self.upload_bytes_max)
        return _accepted(await service.give_file(self.connections, caller, validation, upload, mode))

    async def show(self, request: Request) -> Response:
        caller = await self._caller(request)
        found = await service.validation_of(self.connections, caller, request.path_params["validation"])
        waits = {"Retry-After": "1"} if found.is_under_way else {}
        return JSONResponse(_told(found), headers={**_PRIVATE, **waits})

    async def _caller(self, request: Request) -> Caller:
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        return caller


def _accepted(made: Validation) -> Response:
    return JSONResponse(_told(made), 202, headers={**_PRIVATE, "Location": _address(made), "Retry-After": "1"})


def _address(validation: Validation) -> str:
    return f"/api/v1/validations/{validation.id}"


def _told(validation: Validation) -> dict[str, Any]:
    contract = validation.contract
    return {
        "id": validation.id,
        "dataset": validation.name,
        "state": validation.state.value,
        "mode": validation.mode.value,
        "contract": {"version": contract.version, "sha256": contract.sha256} if contract else None,
        "fileSha256": validation.file_sha256,
        "fileBytes": validation.file_bytes,
        "report": validation.report,
        "review": validation.review,
        "error": validation.error,
        "createdAt": validation.created_at.isoformat(),
        "finishedAt": validation.finished_at.isoformat() if validation.finished_at else None,
        "keptUntil": (validation.finished_at + KEPT).isoformat() if validation.finished_at else None,
    }
