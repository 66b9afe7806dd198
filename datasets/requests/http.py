"""The REST routes of data requests: anybody asks and reads, the agency that was asked acknowledges and answers."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.bodies import check_declared, json_object
from publicgsb.datasets.requests.model import ANSWERS, DataRequest, State, no_such_request
from publicgsb.datasets.requests.service import PAGE_MAX, Answer, Asked, DataRequests, Decider
from publicgsb.datasets.requests.store import Figures, Wanted
from publicgsb.datasets.requests.told import figures_json, grounds_json, request_json
from publicgsb.datasets.requests.working_days import WorkingDays
from publicgsb.datasets.reviews.rights import actor_of
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.held import refuse_data_key
from publicgsb.platform.kernel.texts import is_storable

PATH = "/api/v1/requests"
ASK_LIMIT = "10/hour"  # requests, per client address
BODY_BYTES_MAX = 32 * 1024  # 4,000 letters, each written as an escape
PAGE = 50

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Limit: TypeAlias = Callable[[Endpoint], Endpoint]
Page: TypeAlias = Callable[[Sequence[DataRequest], Sequence[Figures], datetime, WorkingDays], Response]

_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_STATES = ", ".join(state.value for state in State)
_ANSWERABLE = ", ".join(sorted(state.value for state in ANSWERS - {State.REFUSED_WITHOUT_GROUND}))


@dataclass(frozen=True, slots=True)
class DataRequestRoutes:
    """`ask_limit` and `limit` guard, per client address, what takes no key."""

    requests: DataRequests
    authenticate: Authenticate
    ask_limit: Limit = lambda endpoint: endpoint
    limit: Limit = lambda endpoint: endpoint
    page: Page | None = None  # what a browser is shown at /requests

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{id}}"
        pages = [Route("/requests", self.limit(self.shown), methods=["GET"])] if self.page is not None else []
        return [
            *pages,
            Route(PATH, self.limit(self.list_), methods=["GET"]),
            Route(PATH, self.ask_limit(self.ask), methods=["POST"]),
            Route(f"{PATH}/figures", self.limit(self.figures), methods=["GET"]),
            Route(f"{PATH}/grounds", self.limit(self.grounds), methods=["GET"]),
            Route(one, self.limit(self.show), methods=["GET"]),
            Route(f"{one}/acknowledge", self.acknowledge, methods=["POST"]),
            Route(f"{one}/answer", self.answer, methods=["POST"]),
        ]

    async def list_(self, request: Request) -> Response:
        """Newest first; `next` goes on. ?agency=, ?dataset=agency/dataset, ?state= (again for another), ?limit=."""
        wanted, most = _wanted(request), _limit(request)
        found = await self.requests.listed(wanted, most + 1)
        shown = found[:most]
        more = _next(request, shown[-1].id) if len(found) > most else None
        return _public({"requests": [self._told(one) for one in shown], "next": more})

    async def shown(self, _: Request) -> Response:
        """The newest ones and the figures, for people."""
        assert self.page is not None
        found = await self.requests.listed(Wanted(), PAGE)
        figures = await self.requests.figures()
        return self.page(found, figures, self.requests.now(), self.requests.calendar)

    async def ask(self, request: Request) -> Response:
        check_declared(request)  # it takes no key, so no other page may do it in its reader's name
        made = await self.requests.ask(_asked(await json_object(request, BODY_BYTES_MAX)))
        return JSONResponse(self._told(made), 201, headers={"Location": f"{PATH}/{made.id}", **_NO_STORE})

    async def show(self, request: Request) -> Response:
        return _public(self._told(await self.requests.one(_id(request))))

    async def figures(self, request: Request) -> Response:
        found = await self.requests.figures(_slug(request, "agency"))
        return _public({"agencies": figures_json(found)})

    async def grounds(self, _: Request) -> Response:
        return _public({"grounds": grounds_json()})

    async def acknowledge(self, request: Request) -> Response:
        who = await self._decider(request)
        _Members(await json_object(request, BODY_BYTES_MAX)).end()
        return self._decided(await self.requests.acknowledge(who, _id(request)))

    async def answer(self, request: Request) -> Response:
        who = await self._decider(request)
        given = _answer(await json_object(request, BODY_BYTES_MAX))
        return self._decided(await self.requests.answer(who, _id(request), given))

    async def _decider(self, request: Request) -> Decider:
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        return Decider("agency", actor_of(caller), caller.agency_id, caller.only)

    def _told(self, one: DataRequest) -> dict[str, Any]:
        return request_json(one, self.requests.now(), self.requests.calendar)

    def _decided(self, one: DataRequest) -> Response:
        return JSONResponse(self._told(one), headers=_NO_STORE)


_NO_STORE = {"Cache-Control": "no-store"}


class _Members:
    """Texts of a JSON object, each taken once; `end` refuses what nobody took."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = dict(given)

    def text(self, name: str) -> str:
        found = self.optional(name)
        if found is None:
            raise InvalidRequest(f"`{name}` is missing.", reason=name)
        return found

    def optional(self, name: str) -> str | None:
        found = self._given.pop(name, None)
        if found is not None and not isinstance(found, str):
            raise InvalidRequest(f"`{name}` is a text.", reason=name)
        return found

    def end(self) -> None:
        if self._given:
            unknown = ", ".join(sorted(name[:40] for name in self._given)[:5])
            raise InvalidRequest(f"Nothing here is called {unknown}.", reason="members")


def _asked(body: dict[str, Any]) -> Asked:
    members = _Members(body)
    agency, title, text = members.text("agency"), members.text("title"), members.text("text")
    dataset, email = members.optional("dataset"), members.optional("email")
    members.end()
    if dataset is not None:
        of, _, dataset = dataset.rpartition("/")
        if of not in ("", agency):
            raise InvalidRequest("`dataset` is one of the agency that is asked.", reason="dataset")
    return Asked(agency, title, text, dataset, email)


def _answer(body: dict[str, Any]) -> Answer:
    members = _Members(body)
    state, dataset = members.text("state"), members.optional("dataset")
    ground, message = members.optional("legalGround"), members.optional("message")
    members.end()
    if state not in ANSWERS or state == State.REFUSED_WITHOUT_GROUND:
        raise InvalidRequest(f"`state` is one of {_ANSWERABLE}.", reason="state")
    return Answer(State(state), dataset, ground, message)


def _wanted(request: Request) -> Wanted:
    agency, dataset = _slug(request, "agency"), _slug(request, "dataset")
    if dataset is not None:
        of, _, dataset = dataset.rpartition("/")
        agency = agency or of
        if not agency or of not in ("", agency):
            raise InvalidRequest("`dataset` is written agency/dataset.", reason="dataset")
    given = request.query_params.getlist("state")
    try:
        states = tuple(State(state) for state in given) or None
    except ValueError:
        raise InvalidRequest(f"`state` is one of {_STATES}.", reason="state") from None
    before = request.query_params.get("before")
    if before is not None and not _NUMBER.fullmatch(before):
        raise InvalidRequest("`before` is the number of a request.", reason="before")
    return Wanted(agency, dataset, states, int(before) if before else None)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(PAGE))
    if not _NUMBER.fullmatch(text) or int(text) > PAGE_MAX:
        raise InvalidRequest(f"`limit` is 1 to {PAGE_MAX}.", reason="limit")
    return int(text)


def _next(request: Request, last: int) -> str:
    kept = [pair for pair in request.query_params.multi_items() if pair[0] in ("agency", "dataset", "state", "limit")]
    return f"{PATH}?{urlencode([*kept, ('before', last)])}"


def _slug(request: Request, name: str) -> str | None:
    found: str | None = request.query_params.get(name)
    if found is not None and not is_storable(found):
        raise InvalidRequest(f"`{name}` holds what is no character.", reason=name)
    return found


def _id(request: Request) -> int:
    text = request.path_params["id"]
    if not _NUMBER.fullmatch(text):
        raise no_such_request()
    return int(text)


def _public(body: dict[str, Any]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-cache"})
