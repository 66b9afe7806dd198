"""The REST routes of apikeys: register, keys of one's own, whoami.

Secrets leave once, in the answer that creates them, never to be stored by a cache on the way.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from publicgsb.apikeys import bodies, credential
from publicgsb.apikeys.bulk import BulkRevocation
from publicgsb.apikeys.data_tokens import DataTokens
from publicgsb.apikeys.format import parse_id
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import Application, Identity, IssuedKey, Key, Organisation, Owner, Revocation, Spread
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.restrictions import Restrictions, refuse_elsewhere
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.signing.model import TOKEN_SECONDS
from publicgsb.apikeys.tokens import looks_like_token
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.ids import ApplicationId

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Limit: TypeAlias = Callable[[Endpoint], Endpoint]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`limit` guards registration per client address, `token_limit` the exchange of keys."""

    keys: ApiKeys
    keyring: KeyRing
    limit: Limit
    people: People
    trusted_proxies: int = 0
    tokens: DataTokens | None = None  # None: keys are not exchanged
    token_limit: Limit = lambda endpoint: endpoint


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
            owner,
            label=body.label,
            kind=body.kind,
            application_id=application_id,
            lifetime=body.lifetime,
            restrictions=body.restrictions,
        )
        return _secret({"key": _issued(made)})

    async def rotate_key(request: Request) -> Response:
        owner = await _owner(request, with_)
        body = bodies.rotation_request(await _body(request))
        rotated = await keys.rotate_key(owner, parse_id(request.path_params["id"]), body.overlap)
        return _secret({"key": _issued(rotated.new), "replaced": _key(rotated.old)})

    async def restrict_key(request: Request) -> Response:
        owner = await _owner(request, with_)
        body = bodies.restriction_request(await _body(request))
        done = await keys.restrict_key(parse_id(request.path_params["id"]), body.change, body.reason, owner.actor)
        answer = {"key": _key(done.key), "secrets": list(done.key_ids), **_spread(done.spread)}
        return _private(answer, 200 if done.spread.is_everywhere else 202)

    async def revoke_key(request: Request) -> Response:
        owner = await _owner(request, with_)
        body = bodies.revocation_request(await _body(request))
        revoked = await keys.revoke_key(parse_id(request.path_params["id"]), body.reason, owner.actor)
        return _private(_revocation(revoked), 200 if revoked.spread.is_everywhere else 202)

    async def revoke_keys(request: Request) -> Response:
        owner = await _owner(request, with_)
        body = bodies.bulk_request(await _body(request))
        selection = replace(body.selection, organisation_id=owner.organisation.id) if body.is_all else body.selection
        revoked = await keys.revoke_keys(selection, body.reason, owner.actor)
        return _private(_bulk(revoked), 200 if revoked.spread.is_everywhere else 202)

    async def whoami(request: Request) -> Response:
        text = _credential(request)
        if _is_owner_token(text, with_):
            return _private(_whoami_owner(await keys.owner(text)))
        caller = await caller_of(request, with_.keyring, with_.trusted_proxies)
        answer = _whoami_key(await keys.identity(caller))
        return _private(_whoami_token(answer, caller) if looks_like_token(text) else answer)

    async def exchange(request: Request) -> Response:
        text = _credential(request)
        if with_.tokens is None or looks_like_token(text):
            raise NotPermitted(
                "A token is not exchanged for another: that takes the key.",
                reason="token",
                hint="Send the key as Authorization: Bearer, from where the key is kept.",
            )
        caller = await caller_of(request, with_.keyring, with_.trusted_proxies)
        only = bodies.token_request(await _body(request))
        made = with_.tokens.issue(caller, only)
        return _secret(
            {
                "token": made.text,
                "tokenType": "Bearer",
                "expiresAt": _moment(made.expires_at),
                "expiresInSeconds": TOKEN_SECONDS,
                "datasets": None if only is None else sorted(only),
            }
        )

    return [
        Route("/api/v1/auth/token", with_.token_limit(exchange), methods=["POST"]),
        Route("/api/v1/register", with_.limit(register), methods=["POST"]),
        Route("/api/v1/keys", list_keys, methods=["GET"]),
        Route("/api/v1/keys", create_key, methods=["POST"]),
        Route("/api/v1/keys/revoke", revoke_keys, methods=["POST"]),
        Route("/api/v1/keys/{id}/rotate", rotate_key, methods=["POST"]),
        Route("/api/v1/keys/{id}", restrict_key, methods=["PATCH"]),
        Route("/api/v1/keys/{id}", revoke_key, methods=["DELETE"]),
        Route("/api/v1/whoami", whoami, methods=["GET"]),
    ]


async def owner_of(request: Request, with_: Dependencies) -> Owner:
    """The person behind a request's owner token; other folders' routes ask here as well."""
    return await _owner(request, with_)


def moment_of(at: datetime | None) -> str | None:
    """A moment as every answer writes it."""
    return _moment(at)


def organisation_of(organisation: Organisation) -> dict[str, Any]:
    """An organisation as every answer shows it."""
    return _organisation(organisation)


async def caller_of(request: Request, keyring: KeyRing, trusted_proxies: int = 0) -> Caller:
    """The caller of a REST request that carries a key; other parts' routes ask here as well.

    Leaves the headers that every answer to the key carries in the request's state, as `notice`.
    """
    text = _credential(request)
    caller = keyring.cached(text) or await keyring.authenticate(text)
    if caller.networks is not None:
        refuse_elsewhere(caller, request.scope, trusted_proxies)
    request.state.notice = caller.notice
    request.state.caller = caller
    return caller


def caller_known_of(scope: Scope) -> Caller | None:
    """Who a REST request was found to come from by now, for what stands around the routes."""
    caller = scope.get("state", {}).get("caller")
    return caller if isinstance(caller, Caller) else None


async def owner_or_caller_of(request: Request, with_: Dependencies) -> Owner | Caller:
    """Whoever sends the request: the owner behind a token, or the caller behind a key."""
    text = _credential(request)
    if _is_owner_token(text, with_):
        return await with_.keys.owner(text)
    return await caller_of(request, with_.keyring, with_.trusted_proxies)


async def body_of(request: Request, bytes_max: int = bodies.BODY_BYTES_MAX) -> bytes:
    """The JSON body of a request, refused before more than `bytes_max` of it are kept."""
    return await _body(request, bytes_max)


def _credential(request: Request) -> str:
    return credential.read(by_name(request.scope["headers"]), request.scope["query_string"])


def _is_owner_token(text: str, with_: Dependencies) -> bool:
    """What kind of token it is says the key that it names; whichever reads it then verifies all of it."""
    return looks_like_token(text) and not (with_.tokens is not None and with_.tokens.is_signed_here(text))


async def _owner(request: Request, with_: Dependencies) -> Owner:
    text = _credential(request)
    if _is_owner_token(text, with_):
        return await with_.keys.owner(text)
    caller = await caller_of(request, with_.keyring, with_.trusted_proxies)
    is_agency = caller.kind is KeyKind.AGENCY
    raise NotPermitted(
        "A key does not manage keys, so that a leaked one stays harmless.",
        reason="agency_key" if is_agency else "data_key",
        hint="Send the owner token of your registration as Authorization: Bearer.",
    )


async def _body(request: Request, bytes_max: int = bodies.BODY_BYTES_MAX) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise InvalidRequest(f"The body is larger than {bytes_max} bytes.", reason="body_bytes", status=413)
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
        "replacedAt": _moment(key.replaced_at),
        "line": key.line,
        **_restrictions(key.restrictions),
    }


def _restrictions(held: Restrictions) -> dict[str, Any]:
    """null: not restricted in this way."""
    return {
        "datasets": None if held.datasets is None else sorted(held.datasets),
        "levels": None if held.levels is None else sorted(held.levels),
        "addresses": None if held.networks is None else [str(network) for network in held.networks.networks],
    }


def _issued(issued: IssuedKey) -> dict[str, Any]:
    return {**_key(issued.key), "secret": issued.secret}


def _revocation(revoked: Revocation) -> dict[str, Any]:
    return {
        "id": revoked.key.id,
        "status": "revoked",
        **_spread(revoked.spread),
    }


def _bulk(revoked: BulkRevocation) -> dict[str, Any]:
    return {"status": "revoked", "keys": list(revoked.key_ids), **_spread(revoked.spread)}


def _spread(spread: Spread) -> dict[str, Any]:
    """`open`: how many of `workers` have not acknowledged it yet; they do within 2 s, or accept no key at all."""
    return {
        "effective": "everywhere" if spread.is_everywhere else "pending",
        "workers": spread.workers,
        "open": spread.open,
        "tookMs": spread.took_ms,
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


def _whoami_token(key: dict[str, Any], caller: Caller) -> dict[str, Any]:
    only = None if caller.only is None else sorted(caller.only)
    return {**key, "credential": "token", "datasets": only}
