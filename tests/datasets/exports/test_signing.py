"""A signed address is for one path, one key and one time, and nothing of it can be changed."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from publicgsb.datasets.exports.signing import Signer
from publicgsb.platform.kernel.errors import Unauthenticated

SIGNER = Signer(b"one")
PATH = "/files/standards/countries/1/part-00001.parquet"


def parameters(signer: Signer = SIGNER) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(signer.url("https://gsb.example", PATH, "k3", 1_000)).query))


def test_it_names_the_key_that_it_was_made_for_until_it_ends() -> None:
    assert SIGNER.key_of(PATH, parameters(), now=1_000.0) == "k3"
    with pytest.raises(Unauthenticated) as caught:
        SIGNER.key_of(PATH, parameters(), now=1_000.5)
    assert caught.value.details["reason"] == "expired"


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (PATH + "x", parameters()),
        (PATH, parameters() | {"for": "k4"}),
        (PATH, parameters() | {"expires": "2000"}),
        (PATH, parameters() | {"expires": "never"}),
        (PATH, parameters() | {"signature": "é"}),
        (PATH, {"for": "k3", "expires": "1000"}),
        (PATH, {"signature": ""}),
        (PATH, parameters(Signer(b"two"))),
    ],
)
def test_whatever_is_changed_it_is_refused(path: str, given: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated) as caught:
        SIGNER.key_of(path, given, now=0.0)
    assert caught.value.details["reason"] == "signature"


def test_an_address_without_any_of_it_is_not_signed() -> None:
    assert SIGNER.key_of(PATH, {"bom": "1"}, now=0.0) is None


def test_it_holds_no_secret() -> None:
    assert "one" not in SIGNER.url("", PATH, "k3", 1)
    assert "one" not in repr(SIGNER)
