"""The REST routes of grants: organisations apply with their owner token, agencies decide with their key."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.apikeys import asking
from publicgsb.apikeys.asking import private
from publicgsb.apikeys.grants import bodies, views
from publicgsb.apikeys.grants.applying import Applying
from publicgsb.apikeys.grants.deciding import Deciding
from publicgsb.apikeys.grants.model import Decided, Decider, Told, no_such_request
from publicgsb.apikeys.grants.states import Party, RequestState
from publicgsb.apikeys.model import Owner
from publicgsb.apikeys.moments import utc_now
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted

PATH = "/api/v1/grants"
PAGE = 100

_NUMBER = re.compile(r"[1-9]\d{0,17}")
_STATES = ", ".join(state.value for state in RequestState)


@dataclass(frozen=True, slots=True)
class GrantRoutes:
    """`keys` says who is asking."""

    keys: asking.Dependencies
    applying: Applying
    deciding: Deciding

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{id}}"
        return [
            Route(PATH, self.list_, methods=["GET"]),
            Route(PATH, self.open, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.edit, methods=["PATCH"]),
            Route(f"{one}/submit", self.submit, methods=["POST"]),
            Route(f"{one}/reply", self.reply, methods=["POST"]),
            Route(f"{one}/withdraw", self.withdraw, methods=["POST"]),
            Route(f"{one}/reopen", self.reopen, methods=["POST"]),
            Route(f"{one}/request-changes", self.request_changes, methods=["POST"]),
            Route(f"{one}/validate", self.validate, methods=["POST"]),
            Route(f"{one}/refuse", self.refuse, methods=["POST"]),
            Route(f"{one}/revoke", self.revoke, methods=["POST"]),
        ]

    async def list_(self, request: Request) -> Response:
        """At most PAGE, newest first; `?before=` the last one's number goes on."""
        who, state, before = await self._who(request), _state(request), _before(request)
        if isinstance(who, Owner):
            found = await self.applying.requests(who, state, before, PAGE)
        else:
            found = await self.deciding.requests(who, state, before, PAGE)
        return private(views.listed(found, _party(who), utc_now()))

    async def show(self, request: Request) -> Response:
        who, number = await self._who(request), _id(request)
        if isinstance(who, Owner):
            told = await self.applying.request(who, number)
        else:
            told = await self.deciding.request(who, number)
        return private(views.told(told, _party(who), utc_now()))

    async def open(self, request: Request) -> Response:
        owner = await self._owner(request)
        body = bodies.application(await _body(request))
        told = await self.applying.open(owner, body.dataset, body.content)
        return _applied(told, 201, {"Location": f"{PATH}/{told.request.id}"})

    async def edit(self, request: Request) -> Response:
        owner = await self._owner(request)
        change = bodies.change(await _body(request))
        return _applied(await self.applying.edit(owner, _id(request), change))

    async def submit(self, request: Request) -> Response:
        return await self._step(request, self.applying.submit)

    async def withdraw(self, request: Request) -> Response:
        return await self._step(request, self.applying.withdraw)

    async def reopen(self, request: Request) -> Response:
        return await self._step(request, self.applying.reopen)

    async def reply(self, request: Request) -> Response:
        owner = await self._owner(request)
        message = bodies.message(await _body(request))
        return _applied(await self.applying.reply(owner, _id(request), message))

    async def _step(self, request: Request, step: Callable[[Owner, int], Awaitable[Told]]) -> Response:
        owner = await self._owner(request)
        bodies.nothing(await _body(request))
        return _applied(await step(owner, _id(request)))

    async def request_changes(self, request: Request) -> Response:
        decider = await self._decider(request)
        message = bodies.message(await _body(request))
        return _decided(await self.deciding.request_changes(decider, _id(request), message))

    async def validate(self, request: Request) -> Response:
        decider = await self._decider(request)
        body = bodies.validation(await _body(request))
        done = await self.deciding.validate(decider, _id(request), days=body.days, message=body.message)
        return _decided(done)

    async def refuse(self, request: Request) -> Response:
        decider = await self._decider(request)
        said = bodies.refusal(await _body(request))
        assert said.legal_ground is not None
        return _decided(await self.deciding.refuse(decider, _id(request), said.legal_ground, said.message))

    async def revoke(self, request: Request) -> Response:
        """200 once no worker answers by the grant any more, else 202."""
        decider = await self._decider(request)
        reason = bodies.reason(await _body(request))
        done = await self.deciding.revoke(decider, _id(request), reason)
        is_everywhere = done.spread is not None and done.spread.is_everywhere
        return _decided(done, 200 if is_everywhere else 202)

    async def _who(self, request: Request) -> Owner | Decider:
        who = await asking.owner_or_caller_of(request, self.keys)
        return who if isinstance(who, Owner) else await self.deciding.decider(who)

    async def _owner(self, request: Request) -> Owner:
        who = await self._who(request)
        if isinstance(who, Owner):
            return who
        raise NotPermitted("An agency decides; organisations apply.", reason="agency_key", hint="Send an owner token.")

    async def _decider(self, request: Request) -> Decider:
        who = await self._who(request)
        if isinstance(who, Owner):
            raise NotPermitted("The agency that owns the data decides.", reason="owner_token")
        return who


def _party(who: Owner | Decider) -> Party:
    return Party.APPLICANT if isinstance(who, Owner) else who.party


def _id(request: Request) -> int:
    text = request.path_params["id"]
    if not _NUMBER.fullmatch(text):
        raise no_such_request()
    return int(text)


def _before(request: Request) -> int | None:
    text = request.query_params.get("before")
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise InvalidRequest("before must be the number of a request.", reason="before")
    return int(text)


def _state(request: Request) -> RequestState | None:
    text = request.query_params.get("state")
    try:
        return RequestState(text) if text is not None else None
    except ValueError:
        raise InvalidRequest(f"state must be one of {_STATES}.", reason="state") from None


async def _body(request: Request) -> bytes:
    return await asking.body_of(request, bodies.BODY_BYTES_MAX)


def _applied(told: Told, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return private(views.told(told, Party.APPLICANT, utc_now()), status, headers=headers)


def _decided(done: Decided, status: int = 200) -> Response:
    return private(views.decided(done, Party.AGENCY, utc_now()), status)
