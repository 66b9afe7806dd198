"""The REST routes of apikeys: register, keys of one's own, whoami.

Secrets leave once, in the answer that creates them, never to be stored by a cache on the way.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.apikeys import bodies, views
from publicgsb.apikeys.asking import (
    Dependencies,
    body_of,
    caller_of,
    credential_of,
    is_owner_token,
    keys_manage_no_keys,
    owner_of,
    owner_or_caller_of,
    private,
)
from publicgsb.apikeys.format import parse_id
from publicgsb.apikeys.model import Actor, Owner
from publicgsb.apikeys.moments import told
from publicgsb.apikeys.signing.model import TOKEN_SECONDS
from publicgsb.apikeys.verifying import looks_like_token
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.platform.kernel.ids import ApplicationId


def routes(with_: Dependencies) -> list[Route]:
    """The routes under /api/v1 that this part answers."""
    keys, changes = with_.keys, with_.change_limit

    async def register(request: Request) -> Response:
        body = bodies.registration(await body_of(request))
        made = await with_.people.register(body.name, body.email, body.purpose, body.kind, body.legal_id)
        answer = {
            "organisation": views.organisation(made.organisation),
            "application": views.application(made.application),
            "key": views.issued(made.key),
            "ownerToken": made.owner_token.text,
            "ownerTokenExpiresAt": told(made.owner_token.expires_at),
        }
        return private(answer, 201)

    async def list_keys(request: Request) -> Response:
        owner = await owner_of(request, with_)
        listed = await keys.list_keys(owner.organisation.id)
        return private({"keys": [views.key(key) for key in listed]})

    async def create_key(request: Request) -> Response:
        owner = await owner_of(request, with_)
        body = bodies.key_request(await body_of(request))
        application_id = ApplicationId(body.application_id) if body.application_id else None
        made = await keys.create_key(
            owner,
            label=body.label,
            kind=body.kind,
            application_id=application_id,
            lifetime=body.lifetime,
            restrictions=body.restrictions,
        )
        return private({"key": views.issued(made)}, 201)

    async def rotate_key(request: Request) -> Response:
        who = await owner_or_caller_of(request, with_)
        key_id = request.path_params["id"]
        if not isinstance(who, Owner) and not (who.kind is KeyKind.AGENCY and who.key_id == key_id):
            raise keys_manage_no_keys(who)
        overlap = bodies.rotation_request(await body_of(request)).overlap
        if isinstance(who, Owner):
            rotated = await keys.rotate_key(who, parse_id(key_id), overlap)
        else:
            actor = Actor(f"person:{who.person_id} key:{who.key_id}", None)
            rotated = await keys.rotate_for(actor, parse_id(key_id), overlap)
        return private({"key": views.issued(rotated.new), "replaced": views.key(rotated.old)}, 201)

    async def restrict_key(request: Request) -> Response:
        owner = await owner_of(request, with_)
        body = bodies.restriction_request(await body_of(request))
        done = await keys.restrict_key(parse_id(request.path_params["id"]), body.change, body.reason, owner.actor)
        return private(views.restricted(done), 200 if done.spread.is_everywhere else 202)

    async def revoke_key(request: Request) -> Response:
        owner = await owner_of(request, with_)
        body = bodies.revocation_request(await body_of(request))
        revoked = await keys.revoke_key(parse_id(request.path_params["id"]), body.reason, owner.actor)
        return private(views.revocation(revoked), 200 if revoked.spread.is_everywhere else 202)

    async def revoke_keys(request: Request) -> Response:
        owner = await owner_of(request, with_)
        body = bodies.bulk_request(await body_of(request))
        selection = replace(body.selection, organisation_id=owner.organisation.id) if body.is_all else body.selection
        revoked = await keys.revoke_keys(selection, body.reason, owner.actor)
        return private(views.bulk(revoked), 200 if revoked.spread.is_everywhere else 202)

    async def whoami(request: Request) -> Response:
        text = credential_of(request)
        if is_owner_token(text, with_):
            return private(views.whoami_owner(await keys.owner(text)))
        caller = await caller_of(request, with_.keyring, with_.trusted_proxies)
        answer = views.whoami_key(await keys.identity(caller))
        return private(views.whoami_token(answer, caller) if looks_like_token(text) else answer)

    async def exchange(request: Request) -> Response:
        text = credential_of(request)
        if with_.tokens is None or looks_like_token(text):
            raise NotPermitted(
                "A token is not exchanged for another: that takes the key.",
                reason="token",
                hint="Send the key as Authorization: Bearer, from where the key is kept.",
            )
        caller = await caller_of(request, with_.keyring, with_.trusted_proxies)
        only = bodies.token_request(await body_of(request))
        made = with_.tokens.issue(caller, only)
        return private(
            {
                "token": made.text,
                "tokenType": "Bearer",
                "expiresAt": told(made.expires_at),
                "expiresInSeconds": TOKEN_SECONDS,
                "datasets": None if only is None else sorted(only),
            },
            201,
        )

    return [
        Route("/api/v1/auth/token", with_.token_limit(exchange), methods=["POST"]),
        Route("/api/v1/register", with_.limit(register), methods=["POST"]),
        Route("/api/v1/keys", list_keys, methods=["GET"]),
        Route("/api/v1/keys", changes(create_key), methods=["POST"]),
        Route("/api/v1/keys/revoke", revoke_keys, methods=["POST"]),
        Route("/api/v1/keys/{id}/rotate", changes(rotate_key), methods=["POST"]),
        Route("/api/v1/keys/{id}", changes(restrict_key), methods=["PATCH"]),
        Route("/api/v1/keys/{id}", revoke_key, methods=["DELETE"]),
        Route("/api/v1/whoami", whoami, methods=["GET"]),
    ]
