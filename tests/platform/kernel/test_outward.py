"""Which addresses are called, by the table of the special ones, and that one bad address refuses a name."""

from ipaddress import ip_address

import pytest
from tests.apikeys.webhooks.conftest import Book

from publicgsb.platform.kernel.outward import (
    AddressRefusedError,
    NameUnknownError,
    Target,
    may_be_called,
    resolve,
    system_resolver,
)


@pytest.fixture
def book() -> Book:
    return Book()


TARGET = Target("https", "hooks.test", 443, "/")
PUBLIC = ["1.1.1.1", "8.8.8.8", "185.143.232.1", "2606:4700:4700::1111", "2a00:1450:4001::5e", "2001:4860:4860::8888"]
OWN = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12::1",
]
NEVER = [
    "0.0.0.0",
    "169.254.169.254",  # metadata of clouds
    "169.254.0.1",
    "192.0.0.192",  # metadata of another one
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "ff02::1",
    "fec0::1",
    "fd00:ec2::254",  # metadata in private space
    "::ffff:127.0.0.1",  # mapped
    "::ffff:8.8.8.8",
    "::127.0.0.1",  # compatible
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",  # 6to4
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "2001:db8::1",
    "3fff::1",
    "100::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is_called(text: str) -> None:
    assert may_be_called(ip_address(text), private_is_allowed=False)


@pytest.mark.parametrize("text", OWN)
def test_private_and_loopback_only_when_the_operator_allows_them(text: str) -> None:
    assert not may_be_called(ip_address(text), private_is_allowed=False)
    assert may_be_called(ip_address(text), private_is_allowed=True)


@pytest.mark.parametrize("text", NEVER)
def test_what_is_reserved_or_wrapped_is_never_called(text: str) -> None:
    assert not may_be_called(ip_address(text), private_is_allowed=False)
    assert not may_be_called(ip_address(text), private_is_allowed=True)


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["fe80::1%eth0"], ["::ffff:10.0.0.1"], ["no address"]]
)
async def test_one_address_that_is_not_called_refuses_the_name(book: Book, addresses: list[str]) -> None:
    book.addresses["hooks.test"] = addresses
    with pytest.raises(AddressRefusedError):
        await resolve(TARGET, book, private_is_allowed=False)


async def test_a_name_without_an_address_is_unknown(book: Book) -> None:
    book.addresses["hooks.test"] = []
    with pytest.raises(NameUnknownError):
        await resolve(TARGET, book, private_is_allowed=False)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "localhost", "[::1]"])
async def test_names_that_mean_loopback_are_found_out(host: str) -> None:
    target = Target("https", host.strip("[]"), 443, "/")
    with pytest.raises(AddressRefusedError):
        await resolve(target, system_resolver, private_is_allowed=False)
