"""From which address a request comes, and whether that lies in given networks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeAlias

from publicgsb.platform.kernel.headers import by_name

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class Networks:
    """IPv4 and IPv6 networks, parsed once."""

    networks: tuple[Network, ...]

    def holds(self, address: Address | None) -> bool:
        """False for an address that could not be told."""
        return address is not None and any(address in network for network in self.networks)


def read_networks(texts: Iterable[str]) -> Networks:
    """From CIDR notation; a bare address is a network of one. Raises ValueError, also when host bits are set.

    IPv4 written as IPv6 (`::ffff:192.0.2.0/120`) is IPv4 here, as it is in `client_address`.
    """
    return Networks(tuple(_plain_network(ip_network(text)) for text in texts))


def client_address(scope: Mapping[str, Any], trusted_proxies: int) -> Address | None:
    """The address that the outermost trusted proxy saw, of an ASGI scope; None when that is no address.

    Whatever a client writes into X-Forwarded-For itself stands left of what our proxies appended, and is not read.
    """
    client = scope.get("client")
    peer = client[0] if client else ""
    if trusted_proxies:
        hops = by_name(scope["headers"]).get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        if len(hops) >= trusted_proxies:
            peer = hops[-trusted_proxies].strip() or peer
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _plain_network(network: Network) -> Network:
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        mapped = network.network_address.ipv4_mapped
        assert mapped is not None
        return IPv4Network((mapped, network.prefixlen - 96))
    return network
