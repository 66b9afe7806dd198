"""Whom we may call from here: URLs that people gave us, at addresses of the public internet.

An address is decided on after the name was resolved, and the one that was checked is the one that is connected to, so a
name that answers differently a moment later gains nothing. Names are never judged by their looks: `127.1` and
`0x7f000001` are names that resolve to loopback.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

from publicgsb.platform.kernel.errors import InvalidRequest

Address: TypeAlias = IPv4Address | IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]  # every address of a name, as text

URL_LENGTH_MAX = 2000
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]{2,45}\]").fullmatch
_PATH = re.compile(r"[!-~]*").fullmatch
_LOW_PORT = 1024

# The special-purpose registries of IANA (RFC 6890 and its updates), written out: what `is_global` says of some of them
# differs between versions of Python. A set below is what the operator can allow, the rest nobody can.
_OWN_NETWORKS = tuple(
    map(
        ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7")
    )
)
_NEVER_V4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "169.254.0.0/16",  # link-local, and the metadata of clouds
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_GLOBAL_V6 = ip_network("2000::/3")
# Inside it, but they carry an IPv4 address that a gateway on the way may unwrap (Teredo, 6to4), or lead nowhere.
_NEVER_V6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, taken apart once."""

    scheme: str
    host: str  # without brackets
    port: int
    path: str  # with the query

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def lane(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


class AddressRefusedError(Exception):
    """The name resolves to an address that is not called."""


class NameUnknownError(Exception):
    """The name has no address."""


def parse_target(url: str, *, http_is_allowed: bool, private_is_allowed: bool) -> Target:
    """The parts of a URL that may be called; raises InvalidRequest with the reason when it may not."""
    schemes = ("https", "http") if http_is_allowed else ("https",)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _not_called("it cannot be read") from None
    if len(url) > URL_LENGTH_MAX or not _PATH(url) or "\\" in url:
        raise _not_called(f"it has more than {URL_LENGTH_MAX} characters, or others than printable ASCII")
    if parts.scheme not in schemes:
        raise _not_called(f"it does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if "@" in parts.netloc or "#" in url:
        raise _not_called("it holds a user name or a fragment")
    if not host or not _HOST(f"[{host}]" if ":" in host else host):
        raise _not_called("its host is no name or address (an international name is written as xn--…)")
    port = (443 if parts.scheme == "https" else 80) if port is None else port
    if port == 0 or (port < _LOW_PORT and port not in {80, 443} and not private_is_allowed):
        raise _not_called("its port belongs to another service; use 443, 80 or one from 1024 on")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host.lower(), port, path)


def may_be_called(address: Address, *, private_is_allowed: bool) -> bool:
    """True for the public internet; with `private_is_allowed` also for private networks and loopback.

    Never for link-local, metadata, multicast and reserved addresses, nor for IPv6 that wraps an IPv4 address (mapped,
    compatible, NAT64, 6to4, Teredo): whatever those lead to has an address of its own.
    """
    if any(address in network for network in _OWN_NETWORKS if network.version == address.version):
        return private_is_allowed and str(address) != "fd00:ec2::254"  # the metadata of a cloud, in private space
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NEVER_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _NEVER_V6)


async def resolve(target: Target, resolver: Resolver, *, private_is_allowed: bool) -> tuple[Address, ...]:
    """The addresses of a target, each of which may be called; one that may not refuses the name."""
    found = []
    for text in await resolver(target.host, target.port):
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            raise AddressRefusedError from None
        if not may_be_called(address, private_is_allowed=private_is_allowed):
            raise AddressRefusedError
        found.append(address)
    if not found:
        raise NameUnknownError
    return tuple(dict.fromkeys(found))


async def connect(
    target: Target, addresses: Sequence[Address], tls: Callable[[], ssl.SSLContext], seconds: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To the first of the addresses, which `resolve` has checked, that answers; the certificate is that of the name.

    `seconds` for each of them; `tls` is asked for https alone. Raises ssl.SSLError at once, and the last one's OSError
    (a TimeoutError is one) when none answers.
    """
    failure = OSError()
    for address in addresses:
        try:
            async with asyncio.timeout(seconds):
                if target.scheme == "http":
                    return await asyncio.open_connection(str(address), target.port)
                return await asyncio.open_connection(str(address), target.port, ssl=tls(), server_hostname=target.host)
        except ssl.SSLError:
            raise
        except OSError as error:
            failure = error
    raise failure


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """What the operating system says of a name, in its order."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NameUnknownError from None
    return [str(where[0]) for *_, where in found]


def _not_called(why: str) -> InvalidRequest:
    return InvalidRequest(
        f"This URL cannot be called: {why}.", reason="url", hint="For example https://example.org/path."
    )
