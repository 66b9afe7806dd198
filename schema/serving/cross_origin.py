"""Pages of other sites may ask with a token, and never with a key (the protocol is CORS, of the Fetch standard).

A preflight tells which headers will come, not what they hold: `Authorization` may bring either. So a preflight is
answered the same for all, and lets no `X-API-Key` through; whether the page may read the answer is decided at the
request itself, by what it brought. A key in a page is in everybody's hands: its answer stays closed to scripts, so that
nobody builds on it. Cookies mean nothing here, and credentials of the browser are never allowed, which makes `*` as
narrow as naming the origin, and the same answer for all.
"""

from publicgsb.apikeys import credential
from publicgsb.apikeys.verifying import looks_like_token
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.kernel.headers import RawHeaders, by_name
from publicgsb.schema.serving.sending import Send

PREFLIGHT_SECONDS = 7200  # browsers keep no answer longer

_ANYBODY = (b"access-control-allow-origin", b"*")
_PREFLIGHT = [
    _ANYBODY,
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, GSB-Datasets, If-None-Match, Prefer"),
    (b"access-control-max-age", b"%d" % PREFLIGHT_SECONDS),
    (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
]

# On an answer to a token: what a script may read of it beside the body.
SHARED = [
    _ANYBODY,
    (
        b"access-control-expose-headers",
        b"Deprecation, ETag, GSB-Cost, GSB-Signature, Link, Preference-Applied, RateLimit, RateLimit-Policy, "
        b"Retry-After, Sunset, X-Request-Id",
    ),
]


def is_preflight(raw: RawHeaders) -> bool:
    """Any other OPTIONS is refused like any other method."""
    headers = by_name(raw)
    return b"origin" in headers and b"access-control-request-method" in headers


def may_read(raw: RawHeaders) -> bool:
    """Whether the page that asked may read a refusal which came before its token was looked at."""
    headers = by_name(raw)
    try:
        return b"origin" in headers and looks_like_token(credential.read(headers, b""))
    except GsbError:
        return False


async def answer_preflight(send: Send, request_id: str) -> None:
    """Free, and for anybody: it carries no key."""
    headers = [(b"x-request-id", request_id.encode()), *_PREFLIGHT]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
