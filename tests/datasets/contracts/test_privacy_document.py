"""The member `privacy` of a contract."""

from collections.abc import Callable
from typing import Any

import pytest

from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.privacy import PrivacyTerms, Profile
from publicgsb.datasets.contracts.render import render
from publicgsb.platform.kernel.errors import InvalidRequest

Documents = Callable[..., dict[str, Any]]


def test_terms_are_read_and_written_again(airport: Documents) -> None:
    terms = {"profile": "sensitive", "quasiIdentifiers": ["country", "name"], "sensitive": ["elevation"]}
    contract = parse(airport(privacy=terms))
    assert contract.privacy == PrivacyTerms(Profile.SENSITIVE, ("country", "name"), ("elevation",))
    assert render(contract)["privacy"] == terms
    assert parse(render(contract)) == contract


def test_a_contract_that_says_nothing_of_privacy_keeps_its_hash(airport: Documents) -> None:
    assert "privacy" not in render(parse(airport()))


def test_terms_may_change_without_breaking_callers(airport: Documents) -> None:
    assert breaks(parse(airport()), parse(airport(privacy={"quasiIdentifiers": ["country"]}))) == ()


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"quasiIdentifiers": ["nowhere"]}, "privacy.quasiIdentifiers"),
        ({"quasiIdentifiers": ["country", "country"]}, "privacy.quasiIdentifiers"),
        ({"profile": "lax"}, "privacy.profile"),
        ({"profile": "sensitive", "quasiIdentifiers": ["country"]}, "privacy.sensitive"),
        ({"quasiIdentifiers": ["country"], "sensitive": ["country"]}, "privacy.sensitive"),
        ({"contributor": "nobody"}, "privacy.contributor"),
        ({"kAnonymity": 2}, "privacy.kAnonymity"),
    ],
)
def test_what_names_nothing_is_refused(airport: Documents, terms: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(airport(privacy=terms))
    assert path in {problem["path"] for problem in refused.value.details["problems"]}
