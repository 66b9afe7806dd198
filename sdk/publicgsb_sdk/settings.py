"""What a client is told or finds in the environment; what is missing is named."""

import os
from collections.abc import Callable
from typing import TypeVar

from publicgsb_sdk import key
from publicgsb_sdk.errors import InvalidRequest, Unauthenticated
from publicgsb_sdk.version import __version__

Http = TypeVar("Http")


def headers(given: str | None) -> dict[str, str]:
    """What every call carries, with the key from the argument or `PGSB_API_KEY`."""
    return {"authorization": f"Bearer {key.checked(_api_key(given))}", "user-agent": f"publicgsb-sdk/{__version__}"}


def address(given: str | None) -> str:
    """Where the service is, from the argument or `PGSB_URL`, without the slash or /graphql at its end."""
    found = (given or os.environ.get("PGSB_URL") or "").strip().rstrip("/").removesuffix("/graphql")
    if not found:
        raise InvalidRequest(
            "There is no address of a service.",
            hint="Pass base_url=… or set PGSB_URL.",
            details={"reason": "missing"},
        )
    if not found.startswith(("http://", "https://")):
        raise InvalidRequest(f"{found!r} is not an address: it begins with http:// or https://.")
    return found


def opened(kind: Callable[[], Http]) -> Http:
    """Connections with the proxies of the environment and the certificates of the operating system."""
    try:
        return kind()
    except (ValueError, OSError, ImportError) as error:  # HTTPS_PROXY, SSL_CERT_FILE, or SOCKS without its package
        raise InvalidRequest(
            f"The environment asks for connections that cannot be made ({error}).",
            hint="Look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR, or pass http_client=….",
            details={"reason": "environment"},
        ) from error


def _api_key(given: str | None) -> str:
    found = given or os.environ.get("PGSB_API_KEY")
    if not found:
        raise Unauthenticated(
            "There is no API key.",
            hint="Pass api_key=… or set PGSB_API_KEY.",
            details={"reason": "missing"},
        )
    return found
