"""The REST routes around people: confirm an address, the organisation, its people, declared use, lost owner tokens."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.apikeys import views
from publicgsb.apikeys.asking import Limit, body_of, private
from publicgsb.apikeys.model import Owner
from publicgsb.apikeys.moments import told
from publicgsb.apikeys.people import bodies
from publicgsb.apikeys.people.model import DeclaredUse, Person, Profile, no_such_person
from publicgsb.apikeys.people.service import People
from publicgsb.platform.kernel.errors import GsbError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`limit` guards what anybody may send, per client address; `owner` is the person behind a request's token."""

    people: People
    owner: Callable[[Request], Awaitable[Owner]]
    limit: Limit


def routes(with_: Dependencies) -> list[Route]:
    """The routes under /api/v1 that this folder answers."""
    people, limit = with_.people, with_.limit

    async def confirm(request: Request) -> Response:
        return private(_profile(await people.confirm(bodies.code(await body_of(request)))))

    async def accept(request: Request) -> Response:
        body = bodies.acceptance(await body_of(request))
        joined = await people.accept(body.code, body.name)
        return private(
            {
                "person": _person(joined.person),
                "organisation": views.organisation(joined.organisation),
                "ownerToken": joined.token.text,
                "ownerTokenExpiresAt": told(joined.token.expires_at),
            },
            201,
        )

    async def request_token(request: Request) -> Response:
        email = bodies.address(await body_of(request))
        # Afterwards, so that the time of the answer says nothing of whether anybody has this address.
        after = BackgroundTask(_request_token, people, email)
        answer = {"status": "accepted", "detail": "If somebody here has this address, a mail is on its way."}
        return private(answer, 202, background=after)

    async def renew_token(request: Request) -> Response:
        token = await people.renew_token(bodies.code(await body_of(request)))
        return private({"ownerToken": token.text, "ownerTokenExpiresAt": told(token.expires_at)}, 201)

    async def organisation(request: Request) -> Response:
        owner = await with_.owner(request)
        return private(_profile(await people.profile(owner.organisation.id)))

    async def mail_confirmation(request: Request) -> Response:
        await people.mail_confirmation(await with_.owner(request))
        return private({"status": "mailed"}, 202)

    async def declare_use(request: Request) -> Response:
        owner = await with_.owner(request)
        body = bodies.use_declaration(await body_of(request))
        return private(_profile(await people.declare_use(owner, body.url, body.description)), 201)

    async def end_use(request: Request) -> Response:
        owner = await with_.owner(request)
        owner.refuse_unless_owner()
        reason = bodies.ending(await body_of(request))
        await people.end_use(owner.organisation.id, reason, owner.actor)
        return private(_profile(await people.profile(owner.organisation.id)))

    async def list_people(request: Request) -> Response:
        owner = await with_.owner(request)
        return private({"people": [_person(one) for one in await people.list_people(owner.organisation.id)]})

    async def invite(request: Request) -> Response:
        owner = await with_.owner(request)
        body = bodies.invitation(await body_of(request))
        await people.invite(owner, body.email, body.role)
        return private({"status": "mailed", "role": body.role.value}, 202)

    async def remove(request: Request) -> Response:
        owner = await with_.owner(request)
        person_id = _person_id(request.path_params["id"])
        body = bodies.person_removal(await body_of(request))
        removal = await people.remove(owner, person_id, body.reason, revoke_keys=body.revoke_keys)
        is_everywhere = removal.spread.is_everywhere
        return private(
            {
                "person": _person(removal.person),
                "status": "removed",
                "revokedKeys": list(removal.revoked),
                "keysThatWorkOn": list(removal.left),
                "effective": "everywhere" if is_everywhere else "pending",
            },
            200 if is_everywhere else 202,
        )

    return [
        Route("/api/v1/confirm", limit(confirm), methods=["POST"]),
        Route("/api/v1/invitations/accept", limit(accept), methods=["POST"]),
        Route("/api/v1/owner-token/request", limit(request_token), methods=["POST"]),
        Route("/api/v1/owner-token", limit(renew_token), methods=["POST"]),
        Route("/api/v1/organisation", organisation, methods=["GET"]),
        Route("/api/v1/organisation/confirmation", mail_confirmation, methods=["POST"]),
        Route("/api/v1/organisation/use", declare_use, methods=["POST"]),
        Route("/api/v1/organisation/use", end_use, methods=["DELETE"]),
        Route("/api/v1/organisation/people", list_people, methods=["GET"]),
        Route("/api/v1/organisation/people", invite, methods=["POST"]),
        Route("/api/v1/organisation/people/{id}", remove, methods=["DELETE"]),
    ]


async def _request_token(people: People, email: str) -> None:
    try:
        await people.request_token(email)
    except GsbError as away:
        log.warning("a mail for a new owner token was not posted: %s", away.code)


def _person_id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise no_such_person()
    return int(text)


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "role": person.role.value,
        "since": told(person.created_at),
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "organisation": views.organisation(profile.organisation),
        "legalId": profile.legal_id,
        "emailConfirmedAt": told(profile.email_confirmed_at),
        "use": _use(profile.use) if profile.use else None,
        "applications": [views.application(one) for one in profile.applications],
    }


def _use(use: DeclaredUse) -> dict[str, Any]:
    return {"url": use.url, "description": use.description, "declaredAt": told(use.declared_at)}
