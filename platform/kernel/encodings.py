"""Which content encodings a client takes (RFC 9110, 12.5.3)."""


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Only when it is named, or everything is; a weight of 0 says no."""
    wanted: dict[str, bool] = {}
    for part in (accept_encoding or "").lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, weight = parameter.replace(" ", "").partition("=")
        wanted[coding.strip()] = not (name == "q" and weight.strip("0.") == "")
    return wanted.get("gzip", wanted.get("*", False))
