"""`POST /api/v1/keys/revoke-exposed`: anybody who holds a whole key may end it, without any credential."""

from collections.abc import Callable, Sequence

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.apikeys.asking import Endpoint, body_of, private
from publicgsb.apikeys.exposed import KEYS_MAX, ExposedKeys
from publicgsb.apikeys.members import json_object
from publicgsb.platform.kernel.errors import InvalidRequest

LIMIT = "60/hour"  # calls per client address
_BODY_BYTES_MAX = 128 * 1024  # a thousand keys come to 54 KB


def routes(exposed: ExposedKeys, limit: Callable[[Endpoint], Endpoint]) -> list[Route]:
    """`limit` guards the route per client address."""

    async def revoke_exposed(request: Request) -> Response:
        """202 with the number of texts that came, whatever they are: what we know of them is nobody's to learn."""
        texts = _texts(await body_of(request, _BODY_BYTES_MAX))
        ended = await exposed.revoke(texts)
        after = BackgroundTask(exposed.tell, ended)
        return private({"status": "accepted", "received": len(texts)}, 202, background=after)

    return [Route("/api/v1/keys/revoke-exposed", limit(revoke_exposed), methods=["POST"])]


def _texts(body: bytes) -> Sequence[str]:
    members = json_object(body)
    texts = members.get("keys")
    if set(members) != {"keys"} or not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InvalidRequest('The body is not right: it is {"keys": […]} with whole keys as strings.', reason="members")
    if not 1 <= len(texts) <= KEYS_MAX:
        raise InvalidRequest(
            f"{len(texts)} keys came, and a call takes 1 to {KEYS_MAX:,}.",
            reason="keys_max",
            hint="Send several calls.",
        )
    return texts
