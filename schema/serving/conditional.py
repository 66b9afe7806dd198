"""Answers to GET that the caller may keep: their entity tags, and what If-None-Match says about them (RFC 9110).

A kept answer is always asked for again (`no-cache`), at the price of one point: a recall, a withdrawal and a revoked
key must reach whoever has it. Shared caches keep nothing, because a right is checked at every request.
"""

from publicgsb.schema.serving.encoding import CODING
from publicgsb.schema.serving.negotiation import GRAPHQL_RESPONSE, Wishes

# Of answers to GET: nobody keeps one to POST.
VARY = (b"vary", b"Accept, Accept-Encoding, Authorization, X-API-Key, GSB-Datasets, Prefer")
KEPT = (b"cache-control", b"private, no-cache")
NOT_KEPT = (b"cache-control", b"no-store")


def tag_of(entity: bytes, media: bytes, is_compressed: bool) -> bytes:
    """A strong tag names bytes and their type, so each type and each encoding has its own."""
    kind = b"g" if media == GRAPHQL_RESPONSE else b"j"
    return b'"%b.%b%b"' % (entity, kind, CODING if is_compressed else b"")


def kept_tag(wishes: Wishes, entity: bytes) -> bytes | None:
    """The tag under which the caller keeps this very answer, in a form that it would be given now; else None.

    Compared weakly, as the standard says for If-None-Match: proxies that compress make strong tags weak.
    """
    condition = wishes.condition
    if not condition:
        return None
    plain = tag_of(entity, wishes.media, False)
    if condition.strip() == b"*":
        return plain
    named = [one.strip().removeprefix(b"W/") for one in condition.split(b",")]
    if wishes.takes_gzip and (compressed := tag_of(entity, wishes.media, True)) in named:
        return compressed
    return plain if plain in named else None
