"""/.well-known/jwks.json: the public keys with which anybody checks tokens and answers (RFC 7517, RFC 8037)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.apikeys.signing.model import JWKS_SECONDS, SigningKey
from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.platform.kernel.etags import is_known

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

JWKS_PATH = "/.well-known/jwks.json"


def routes(ring: SigningRing, limit: Callable[[Endpoint], Endpoint]) -> list[Route]:
    """Public, for the scripts of any site too: there is nothing in it that is anybody's own."""

    async def jwks(request: Request) -> Response:
        body = orjson.dumps(key_set(ring.published()))
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {
            "etag": etag,
            "cache-control": f"public, max-age={JWKS_SECONDS}",
            "access-control-allow-origin": "*",
        }
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/jwk-set+json", headers=headers)

    return [Route(JWKS_PATH, limit(jwks), methods=["GET"])]


def key_set(keys: tuple[SigningKey, ...]) -> dict[str, Any]:
    return {"keys": [_jwk(key) for key in keys]}


def _jwk(key: SigningKey) -> dict[str, str]:
    x = urlsafe_b64encode(key.public_key).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid, "x": x}
