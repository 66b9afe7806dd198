"""Who sends a REST request, and with which body: what the routes of all folders here ask first, and how they answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from publicgsb.apikeys import credential
from publicgsb.apikeys.data_tokens import DataTokens
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import Owner
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.restrictions import refuse_elsewhere
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.verifying import looks_like_token
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.ids import KeyId

BODY_BYTES_MAX = 8 * 1024

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Limit: TypeAlias = Callable[[Endpoint], Endpoint]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`limit` guards registration per client address, `token_limit` the exchange of keys, `change_limit` what makes,
    replaces or restricts one. Nothing guards their end: whoever sees a leaked key ends it at once.
    """

    keys: ApiKeys
    keyring: KeyRing
    limit: Limit
    people: People
    trusted_proxies: int = 0
    tokens: DataTokens | None = None  # None: keys are not exchanged
    token_limit: Limit = lambda endpoint: endpoint
    change_limit: Limit = lambda endpoint: endpoint


async def caller_of(request: Request, keyring: KeyRing, trusted_proxies: int = 0) -> Caller:
    """The caller of a REST request that carries a key; other parts' routes ask here as well.

    Leaves the headers that every answer to the key carries in the request's state, as `notice`.
    """
    text = credential_of(request)
    caller = keyring.cached(text) or await keyring.authenticate(text)
    if caller.networks is not None:
        refuse_elsewhere(caller, request.scope, trusted_proxies)
    request.state.notice = caller.notice
    request.state.caller = caller
    return caller


async def holder_of(request: Request, keyring: KeyRing, key_id: str, trusted_proxies: int = 0) -> Caller:
    """The caller of a request whose address was signed here for a key: taken for that key, and held to what it is."""
    caller = await keyring.standing(KeyId(key_id))
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
    text = credential_of(request)
    if is_owner_token(text, with_):
        return await with_.keys.owner(text)
    return await caller_of(request, with_.keyring, with_.trusted_proxies)


def credential_of(request: Request) -> str:
    """The one key or token of a request."""
    return credential.read(by_name(request.scope["headers"]), request.scope["query_string"])


def is_owner_token(text: str, with_: Dependencies) -> bool:
    """What kind of token it is says the key that it names; whichever reads it then verifies all of it."""
    return looks_like_token(text) and not (with_.tokens is not None and with_.tokens.is_signed_here(text))


async def owner_of(request: Request, with_: Dependencies) -> Owner:
    """The person behind a request's owner token; NotPermitted for a key."""
    text = credential_of(request)
    if is_owner_token(text, with_):
        return await with_.keys.owner(text)
    raise keys_manage_no_keys(await caller_of(request, with_.keyring, with_.trusted_proxies))


def keys_manage_no_keys(caller: Caller) -> NotPermitted:
    """For whoever manages keys by a key."""
    is_agency = caller.kind is KeyKind.AGENCY
    return NotPermitted(
        "A key does not manage keys, so that a leaked one stays harmless.",
        reason="agency_key" if is_agency else "data_key",
        hint="An agency's key rotates itself and nothing else; ask the operator for more."
        if is_agency
        else "Send the owner token of your registration as Authorization: Bearer.",
    )


async def body_of(request: Request, bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """The JSON body of a request, refused before more than `bytes_max` of it are kept."""
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


def private(
    answer: Mapping[str, Any],
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    background: BackgroundTask | None = None,
) -> Response:
    """An answer that is kept by nobody on the way."""
    return JSONResponse(answer, status, {"Cache-Control": "no-store", **(headers or {})}, background=background)
