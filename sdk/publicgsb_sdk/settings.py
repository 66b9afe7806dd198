"""What a client is told or finds in the environment; what is missing is named."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from publicgsb_sdk import key
from publicgsb_sdk.errors import InvalidRequest, Unauthenticated
from publicgsb_sdk.version import __version__

Http = TypeVar("Http")
LOCALES = ("en", "fa")
API_KEY, AGENCY_KEY = "PGSB_API_KEY", "PGSB_AGENCY_KEY"
NAMES = {API_KEY: "API key", AGENCY_KEY: "agency key"}


@dataclass(frozen=True, slots=True)
class Options:
    """How a client waits, in seconds, and in which language its errors speak."""

    timeout: float
    deadline: float
    max_retries: int
    locale: str

    def __post_init__(self) -> None:
        if not (self.timeout > 0 and self.deadline > 0):
            raise InvalidRequest("timeout and deadline are seconds, more than none.", details={"reason": "operand"})
        if self.max_retries < 0:
            raise InvalidRequest("max_retries is zero or more.", details={"reason": "operand"})
        if self.locale not in LOCALES:
            raise InvalidRequest(f"locale is one of {', '.join(LOCALES)}.", details={"reason": "operand"})


def headers(api_key: str | None, locale: str) -> dict[str, str]:
    """What every call carries; None for the key of a client that asks for one before each try."""
    common = {"user-agent": f"publicgsb-sdk/{__version__}", "accept-language": locale}
    return common if api_key is None else {"authorization": f"Bearer {api_key}", **common}


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


def api_key(given: str | None, variable: str = API_KEY) -> str:
    """The key from the argument or the environment, checked for damage."""
    found = given or os.environ.get(variable)
    if not found:
        raise Unauthenticated(
            f"There is no {NAMES[variable]}.",
            hint=f"Pass it, or set {variable}.",
            details={"reason": "missing"},
        )
    return key.checked(found)
