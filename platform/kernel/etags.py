"""Whether a caller already has what is about to be sent (RFC 9110, section 13.1.2)."""


def is_known(if_none_match: str | None, etag: str) -> bool:
    """If-None-Match compares weakly: `W/"x"` and `"x"` are the same, a list may name several, `*` names anything."""
    if not if_none_match:
        return False
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in named or etag.removeprefix("W/") in named


def is_meant(if_match: str, etag: str | None) -> bool:
    """If-Match compares strongly: `W/"x"` names nothing, `*` whatever there is; `etag` is None where nothing is."""
    named = {one.strip() for one in if_match.split(",")}
    return etag is not None and ("*" in named or etag in named)
