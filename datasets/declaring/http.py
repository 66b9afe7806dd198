"""The REST routes of contracts, for the agency's own people: read the newest one, declare another."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.agencies.service import Declared
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.declaring import reading, service
from publicgsb.datasets.declaring.model import Wish, etag_of
from publicgsb.datasets.declaring.told import outcome_json
from publicgsb.datasets.notices.model import UsersOf
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.etags import is_known
from publicgsb.platform.kernel.held import refuse_data_key

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ContractRoutes:
    connections: Connections
    authenticate: Authenticate
    users_of: UsersOf
    registry: Callable[[], Registry]
    limit: Callable[[Endpoint], Endpoint] = lambda endpoint: endpoint
    # One at a time is read by a worker, beside what it answers.
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def routes(self) -> list[Route]:
        path = "/api/v1/agencies/{agency}/datasets/{dataset}/contract"
        return [
            Route(path, self.limit(self.show), methods=["GET"]),
            Route(path, self.limit(self.declare), methods=["PUT"]),
        ]

    async def show(self, request: Request) -> Response:
        """The document itself, to be edited and sent again; its ETag is the SHA-256 that an approval is for."""
        caller = await self._caller(request)
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        contract = await service.declared(self.connections, caller, agency, dataset)
        headers = {"ETag": etag_of(contract), "Cache-Control": "private, no-cache"}
        if is_known(request.headers.get("if-none-match"), etag_of(contract)):
            return Response(status_code=304, headers=headers)
        return JSONResponse(render(contract), headers=headers)

    async def declare(self, request: Request) -> Response:
        """201 for a new dataset, else 200."""
        caller = await self._caller(request)
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        is_dry_run = _flag(request, "dryRun")
        await service.refuse_to_declare(self.connections, caller, agency, dataset)
        media_type, raw = await reading.body_of(request)
        async with self.turn:
            contract = await asyncio.to_thread(reading.contract_in, media_type, raw, agency, dataset)
        wish = Wish(contract, request.headers.get("if-match"), request.headers.get("if-none-match"), is_dry_run)
        outcome = await service.declare(self.connections, caller, wish, self.users_of, self.registry())
        is_new = outcome.result is Declared.CREATED and not is_dry_run
        headers = {"Cache-Control": "no-store"}
        if not is_dry_run:
            headers["ETag"] = etag_of(contract)
        if is_new:
            headers["Location"] = request.url.path
        return JSONResponse(outcome_json(outcome), 201 if is_new else 200, headers=headers)

    async def _caller(self, request: Request) -> Caller:
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        return caller


def _flag(request: Request, name: str) -> bool:
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        raise InvalidRequest(f"{name} is true or false.", reason=name)
    return given == "true"
