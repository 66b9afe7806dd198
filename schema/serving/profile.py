"""Which status an answer has, by the edition of GraphQL over HTTP that the operator chose (GSB_HTTP_PROFILE).

`audited` is what the audits of npm `graphql-http` want and clients know: 200 for a refused document where plain
application/json was negotiated, else 400. `draft-2026-08` is the newer draft: 422 for a document that can be read and
not run, 294 for data beside errors, the same for both media types; only its 2xx answers are typed application/json.
"""

from enum import StrEnum

from publicgsb.platform.kernel.errors import GsbError, InvalidRequest
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.serving.ask import Malformed
from publicgsb.schema.serving.negotiation import GRAPHQL_RESPONSE, PLAIN_JSON

_ALWAYS_400 = frozenset({"parse", "key_in_url", "two_credentials"})
PARTIAL = 294
UNPROCESSABLE = 422


class HttpProfile(StrEnum):
    AUDITED = "audited"
    DRAFT_2026_08 = "draft-2026-08"

    def refused(self, error: GsbError, media: bytes) -> int:
        """Only errors of the request's content differ: identity, quota, size and media type keep their status."""
        status = error.http_status
        if self is HttpProfile.AUDITED:
            return 200 if isinstance(error, RefusedDocument) and media == PLAIN_JSON else status
        if status != InvalidRequest.status or not isinstance(error, InvalidRequest):
            return status
        if isinstance(error, Malformed):
            return status if error.is_unreadable else UNPROCESSABLE
        return status if error.details.get("reason") in _ALWAYS_400 else UNPROCESSABLE

    def answered(self, has_errors: bool) -> int:
        return PARTIAL if has_errors and self is HttpProfile.DRAFT_2026_08 else 200

    def media(self, status: int, media: bytes) -> bytes:
        return GRAPHQL_RESPONSE if self is HttpProfile.DRAFT_2026_08 and status >= 300 else media
