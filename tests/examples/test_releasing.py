"""The show of releasing makes people up whose identifiers the gate takes for real, and says what it needs."""

from random import Random

import pytest
from examples.releasing.__main__ import main
from examples.releasing.ground import api_name
from examples.releasing.scenes.reviewed import REST, TABLES, reviewed_contract
from examples.releasing.synthetic import Nobody, nobody

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.privacy.detectors import is_bank_card, is_mobile, is_national_id, is_personal_mail, is_sheba
from publicgsb.platform.server.demo.plan import DEMO


@pytest.fixture(params=range(20))
def somebody(request: pytest.FixtureRequest) -> Nobody:
    return nobody(Random(request.param))


def test_the_identifiers_of_nobody_satisfy_every_check(somebody: Nobody) -> None:
    assert is_national_id(somebody.national_id) and len(somebody.national_id) == 10
    assert is_mobile(somebody.mobile[1:])
    assert is_sheba(somebody.sheba.removeprefix("IR"))
    assert is_bank_card(somebody.card)
    assert is_personal_mail(somebody.email)


@pytest.mark.parametrize("name", [*TABLES, *REST])
def test_each_table_of_the_demo_has_a_contract_for_the_agency_of_the_show(name: str) -> None:
    contract = parse(reviewed_contract("show_abcd", name))
    assert (contract.agency, contract.dataset) == ("show_abcd", name.replace("/", "_"))
    assert not any(link.reverse for link in contract.links), "the names of the demo's own records stay theirs"


def test_the_tables_of_the_show_are_all_of_the_demo() -> None:
    assert sorted([*TABLES, *REST]) == sorted(f"{one.agency}/{one.dataset}" for one in DEMO)
    assert all(REST[f"{one.agency}/{one.dataset}"] == one.csv for one in DEMO if f"{one.agency}/{one.dataset}" in REST)


def test_a_name_is_called_as_graphql_calls_it() -> None:
    assert (api_name("show_abcd"), api_name("villages")) == ("showAbcd", "villages")


def test_without_a_demo_the_show_says_how_to_start_one(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--state", str(tmp_path_factory.mktemp("none"))]) == 1
    assert "`make run` starts one" in capsys.readouterr().err
