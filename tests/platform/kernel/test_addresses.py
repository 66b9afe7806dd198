"""Where a request comes from is said by our own proxies only, and networks are exactly those that were written."""

from typing import Any

import pytest

from publicgsb.platform.kernel.addresses import client_address, read_networks


def _scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"client": (peer, 4711) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9, 198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["203.0.113.9", "198.51.100.7"], 2, "203.0.113.9"),
        ("192.0.2.1", ["198.51.100.7"], 2, "192.0.2.1"),
        ("192.0.2.1", [], 1, "192.0.2.1"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        ("2001:db8::1", [], 0, "2001:db8::1"),
        ("192.0.2.1", ["nonsense"], 1, "None"),
        (None, [], 0, "None"),
    ],
)
def test_the_address_is_the_one_that_the_outermost_trusted_proxy_saw(
    peer: str | None, forwarded: list[str], proxies: int, address: str
) -> None:
    assert str(client_address(_scope(peer, *forwarded), proxies)) == address


@pytest.mark.parametrize(
    ("network", "address", "is_inside"),
    [
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("::ffff:192.0.2.0/120", "192.0.2.1", True),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
        ("2001:db8::/32", "192.0.2.1", False),
        ("::/0", "192.0.2.1", False),
        ("192.0.2.0/24", "nonsense", False),
    ],
)
def test_a_network_holds_its_own_addresses_alone(network: str, address: str, is_inside: bool) -> None:
    assert read_networks([network]).holds(client_address(_scope(address), 0)) is is_inside


@pytest.mark.parametrize("text", ["192.0.2.1/24", "192.0.2", "2001:db8::1/32", "example.org", "", "192.0.2.0/33"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_networks([text])
