"""Keys and tokens are taken out of whatever is logged or answered: callers put them wherever they should not be."""

import re
from typing import Any

# Key: kind and id stay, so that a leak can be traced and revoked. Token: nothing of it stays.
_KEY = re.compile(r"(gsb[a-z]_[0-9A-Za-z]{8})[0-9A-Za-z]+")
_TOKEN = re.compile(r"\beyJ[\w-]{4,}(?:\.+[\w-]+)*")  # also one that was shortened with dots in its middle


def mask_credentials(text: str) -> str:
    """`text` without the secrets of keys and without tokens; next to nothing for a text that holds none."""
    if "gsb" in text:
        text = _KEY.sub(r"\1***", text)
    if "eyJ" in text:
        text = _TOKEN.sub("***", text)
    return text


def mask_all(value: Any) -> Any:
    """The same for all texts in lists and objects, their names included."""
    if isinstance(value, str):
        return mask_credentials(value)
    if isinstance(value, dict):
        return {mask_all(name): mask_all(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(mask_all, value)) if type(value) in (list, tuple) else value
    return value
