"""The REST routes by which an agency's people see what a contract would break, and announce it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.bodies import json_object
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.notices.model import Terms, UsersOf
from publicgsb.datasets.notices.service import announce, standing
from publicgsb.datasets.notices.told import announced_json, standing_json
from publicgsb.datasets.reviews.rights import actor_of, refuse_to_act
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.held import refuse_data_key
from publicgsb.platform.kernel.texts import is_storable

BODY_BYTES_MAX = 16 * 1024
_PRIVATE = {"Cache-Control": "no-store"}

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]


@dataclass(frozen=True, slots=True)
class NoticeRoutes:
    """Applications are named in both answers, so both are for the agency whose dataset it is."""

    connections: Connections
    authenticate: Authenticate
    users_of: UsersOf
    terms: Terms

    def routes(self) -> list[Route]:
        path = "/api/v1/agencies/{agency}/datasets/{dataset}/notice"
        return [Route(path, self.show, methods=["GET"]), Route(path, self.announce, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        await self._caller(request, agency, dataset)
        async with self.connections.use() as connection:
            found = await standing(connection, agency, dataset, self.users_of)
        return JSONResponse(standing_json(found), headers=_PRIVATE)

    async def announce(self, request: Request) -> Response:
        """201 once every process answers so, 202 while some have not yet been told."""
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        caller = await self._caller(request, agency, dataset)
        sunset_on, reason = _read(await json_object(request, BODY_BYTES_MAX, ("sunsetOn", "reason")))
        done = await announce(
            *(self.connections, agency, dataset, actor_of(caller), self.users_of),
            terms=self.terms,
            sunset_on=sunset_on,
            reason=reason,
            person_id=caller.person_id,
        )
        return JSONResponse(announced_json(done), 202 if done.workers_behind else 201, headers=_PRIVATE)

    async def _caller(self, request: Request, agency: str, dataset: str) -> Caller:
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        await refuse_to_act(self.connections, caller, agency, dataset)
        return caller


def _read(body: dict[str, Any]) -> tuple[date | None, Label | None]:
    try:
        sunset_on = date.fromisoformat(str(body["sunsetOn"])) if "sunsetOn" in body else None
    except ValueError:
        raise InvalidRequest("sunsetOn must be a date like 2027-03-20.", reason="sunset") from None
    if "reason" not in body:
        return sunset_on, None
    reason = body["reason"]
    texts = [reason.get(name) for name in ("fa", "en")] if isinstance(reason, dict) else [None]
    if not all(isinstance(text, str) and is_storable(text) for text in texts):
        raise InvalidRequest(
            "The reason is in Persian and English, or left out.",
            reason="reason",
            hint='{"reason": {"fa": "…", "en": "…"}}',
        )
    return sunset_on, Label(*texts)
