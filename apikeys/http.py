"""The REST routes of apikeys: register, keys of one's own, whoami.

Secrets leave once, in the answer that creates them, never to be stored by a cache on the way.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.apikeys import bodies, credential
from publicgsb.apikeys.format import parse_id
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import Application, Identity, IssuedKey, Key, Organisation, Owner, Revocation
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import looks_like_token
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.ids import ApplicationId

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Limit: TypeAlias = Callable[[Endpoint], Endpoint]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`limit` guards registration per client address."""

    keys: ApiKeys
    keyring: KeyRing
    limit: Limit
    people: People


def routes(with_: Dependencies) -> list[Route]:
    """The routes under /api/v1 that this part answers."""
    keys = with_.keys

    async def register(request: Request) -> Response:
        body = bodies.registration(await _body(request))
        made = await with_.people.register(body.name, body.email, body.purpose, body.kind, body.legal_id)
        answer = {
            "organisation": _organisation(made.organisation),
            "application": _application(made.application),
            "key": _issued(made.key),
            "ownerToken": made.owner_token.text,
            "ownerTokenExpiresAt": _moment(made.owner_token.expires_at),
        }
        return _secret(answer)

    async def list_keys(request: Request) -> Response:
        owner = await _owner(request, with_)
        listed = await keys.list_keys(owner.organisation.id)
        return _private({"keys": [_key(key) for key in listed]})

    async def create_key(request: Request) -> Response:
        owner = await _owner(request, with_)
        body = bodies.key_request(await _body(request))
        application_id = ApplicationId(body.application_id) if body.application_id else None
        made = await keys.create_key(
            owner, label=body.label, kind=body.kind, application_id=application_id, lifetime=body.lifetime
        )
        return _secret({"key": _issued(made)})

    async def rotate_key(request: Request) -> Response:
        owner = await _owner(request, with_)
        body = bodies.rotation_request(await _body(request))
        rotated = await keys.rotate_key(owner, parse_id(request.path_params["id"]), body.overlap)
        return _secret({"key": _issued(rotated.new), "replaced": _key(rotated.old)})

    async def revoke_key(request: Request) -> Response:
        owner = await _owner(request, with_)
        body = bodies.revocation_request(await _body(request))
        revoked = await keys.revoke_key(parse_id(request.path_params["id"]), body.reason, owner.actor)
        return _private(_revocation(revoked), 200 if revoked.spread.is_everywhere else 202)

    async def whoami(request: Request) -> Response:
        text = _credential(request)
        if looks_like_token(text):
            return _private(_whoami_owner(await keys.owner(text)))
        return _private(_whoami_key(await keys.identity(await _caller(text, with_.keyring))))

    return [
        Route("/api/v1/register", with_.limit(register), methods=["POST"]),
        Route("/api/v1/keys", list_keys, methods=["GET"]),
        Route("/api/v1/keys", create_key, methods=["POST"]),
        Route("/api/v1/keys/{id}/rotate", rotate_key, methods=["POST"]),
        Route("/api/v1/keys/{id}", revoke_key, methods=["DELETE"]),
        Route("/api/v1/whoami", whoami, methods=["GET"]),
    ]


async def owner_of(request: Request, with_: Dependencies) -> Owner:
    """The person behind a request's owner token; other folders' routes ask here as well."""
    return await _owner(request, with_)


async def body_of(request: Request) -> bytes:
    """The body of a small JSON request, bounded while it comes in."""
    return await _body(request)


def moment_of(at: datetime | None) -> str | None:
    """A moment as every answer writes it."""
    return _moment(at)


def organisation_of(organisation: Organisation) -> dict[str, Any]:
    """An organisation as every answer shows it."""
    return _organisation(organisation)


async def caller_of(request: Request, keyring: KeyRing) -> Caller:
    """The caller of a REST request that carries a key; other parts' routes ask here as well."""
    return await _caller(_credential(request), keyring)


def _credential(request: Request) -> str:
    return credential.read(by_name(request.scope["headers"]), request.scope["query_string"])


async def _caller(text: str, keyring: KeyRing) -> Caller:
    return keyring.cached(text) or await keyring.authenticate(text)


async def _owner(request: Request, with_: Dependencies) -> Owner:
    text = _credential(request)
    if looks_like_token(text):
        return await with_.keys.owner(text)
    caller = await _caller(text, with_.keyring)
    is_agency = caller.kind is KeyKind.AGENCY
    raise NotPermitted(
        "A key does not manage keys, so that a leaked one stays harmless.",
        reason="agency_key" if is_agency else "data_key",
        hint="Send the owner token of your registration as Authorization: Bearer.",
    )


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > bodies.BODY_BYTES_MAX:
            raise InvalidRequest(
                f"The body is larger than {bodies.BODY_BYTES_MAX} bytes.", reason="body_bytes", status=413
            )
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != "application/json":
        raise InvalidRequest(
            "The body is not declared as JSON.",
            reason="media_type",
            status=415,
            hint="Content-Type: application/json",
        )
    return body


def _secret(answer: dict[str, Any]) -> Response:
    return JSONResponse(answer, 201, {"Cache-Control": "no-store"})


def _private(answer: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(answer, status, {"Cache-Control": "no-store"})


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _organisation(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "name": organisation.name,
        "kind": organisation.kind,
        "plan": organisation.plan,
        "state": organisation.state,
    }


def _application(application: Application) -> dict[str, Any]:
    return {"id": application.id, "name": application.name}


def _key(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "kind": key.kind.name.lower(),
        "label": key.label,
        "hint": key.hint,
        "state": key.state,
        "applicationId": key.application_id,
        "createdAt": _moment(key.created_at),
        "expiresAt": _moment(key.expires_at),
        "retireAt": _moment(key.retire_at),
        "revokedAt": _moment(key.revoked_at),
        "revokedReason": key.revoked_reason,
        "lastUsedAt": _moment(key.last_used_at),
    }


def _issued(issued: IssuedKey) -> dict[str, Any]:
    return {**_key(issued.key), "secret": issued.secret}


def _revocation(revoked: Revocation) -> dict[str, Any]:
    return {
        "id": revoked.key.id,
        "status": "revoked",
        "effective": "everywhere" if revoked.spread.is_everywhere else "pending",
        "workers": revoked.spread.workers,
        "tookMs": revoked.spread.took_ms,
    }


def _whoami_owner(owner: Owner) -> dict[str, Any]:
    return {
        "credential": "ownerToken",
        "person": {"id": owner.person_id, "name": owner.person_name, "role": owner.role.value},
        "organisation": _organisation(owner.organisation),
        "expiresAt": _moment(owner.token_expires_at),
    }


def _whoami_key(identity: Identity) -> dict[str, Any]:
    if identity.organisation is None or identity.application is None:
        return {
            "credential": "agencyKey",
            "key": _key(identity.key),
            "agency": {"slug": identity.agency_slug},
            "person": {"name": identity.person_name},
        }
    return {
        "credential": "key",
        "key": _key(identity.key),
        "organisation": _organisation(identity.organisation),
        "application": _application(identity.application),
    }
