"""Whether a caller already has what is about to be sent (RFC 9110, section 13.1.2)."""


def is_known(if_none_match: str | None, etag: str) -> bool:
    """If-None-Match compares weakly: `W/"x"` and `"x"` are the same, a list may name several, `*` names anything."""
    if not if_none_match:
        return False
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in named or etag.removeprefix("W/") in named
