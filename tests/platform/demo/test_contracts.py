"""The demo's contracts hang together: every link finds its target, every code its width."""

import csv
from itertools import chain

import pytest

from publicgsb.datasets.contracts.model import Contract, FieldType, TransformKind
from publicgsb.datasets.contracts.parse import load
from publicgsb.platform.server.demo.plan import AGENCIES, CONTRACTS, DEMO, DemoDataset
from publicgsb.platform.server.demo.tables import TABLES

PARSED: dict[tuple[str, str], Contract] = {(item.agency, item.dataset): load(item.contract_path) for item in DEMO}
each_dataset = pytest.mark.parametrize("item", DEMO, ids=lambda item: f"{item.agency}/{item.dataset}")


@each_dataset
def test_a_contract_says_which_dataset_it_is_for(item: DemoDataset) -> None:
    contract = PARSED[item.agency, item.dataset]
    assert (contract.agency, contract.dataset) == (item.agency, item.dataset)


@each_dataset
def test_every_link_leads_to_a_key_of_a_dataset_released_before(item: DemoDataset) -> None:
    before = {(earlier.agency, earlier.dataset) for earlier in DEMO[: DEMO.index(item) + 1]}
    for link in PARSED[item.agency, item.dataset].links:
        assert link.target in before
        assert link.to_fields in {key.fields for key in PARSED[link.target].unique_keys}


@each_dataset
def test_the_csv_has_the_columns_that_the_contract_reads(item: DemoDataset) -> None:
    headers = [table.header for table in TABLES if table.path in item.releases]
    in_file = [field.name for field in PARSED[item.agency, item.dataset].fields if not field.is_derived]
    assert [list(header) for header in headers] == [in_file] * len(item.releases)


@each_dataset
def test_true_source_year_and_attribution_are_named(item: DemoDataset) -> None:
    contract = PARSED[item.agency, item.dataset]
    assert contract.source.name
    assert contract.source.year
    assert contract.source.url
    assert contract.attribution


def test_reverse_names_are_free_on_the_records_they_appear_on() -> None:
    taken = {key: [*contract.by_api_name, *(link.name for link in contract.links)] for key, contract in PARSED.items()}
    for link in chain.from_iterable(contract.links for contract in PARSED.values()):
        if link.reverse:
            assert link.reverse not in taken[link.target]
            taken[link.target].append(link.reverse)


def test_every_agency_says_that_it_is_a_sample() -> None:
    assert all("نمونه" in agency.name.fa and "Sample" in agency.name.en for agency in AGENCIES)
    assert {item.agency for item in DEMO} == {agency.slug for agency in AGENCIES}


def test_there_are_at_least_five_agencies_and_ten_datasets() -> None:
    assert len(AGENCIES) >= 5
    assert len(DEMO) >= 10


def test_no_contract_file_is_left_out_of_the_plan() -> None:
    assert {path.name for path in CONTRACTS.glob("*.yaml")} == {item.contract for item in DEMO}


def test_codes_of_divisions_are_strings_of_a_fixed_width() -> None:
    widths = {"provinces": 2, "counties": 4, "districts": 6, "rural_districts": 10, "cities": 10, "villages": 16}
    for dataset, width in widths.items():
        code = PARSED["interior", dataset].field("code")
        assert code.type is FieldType.STRING
        assert [(step.kind, step.argument) for step in code.transforms] == [(TransformKind.ZERO_PAD, width)]


def test_gpl_data_is_offered_under_its_own_licence() -> None:
    for (agency, _), contract in PARSED.items():
        assert (contract.licence.title == "GPL-3.0") == (agency == "interior")


def test_orderings_do_not_repeat_the_primary_key_alone() -> None:
    for contract in PARSED.values():
        assert all(ordering.fields != contract.primary_key for ordering in contract.orderings)


def test_header_names_are_what_csv_can_carry() -> None:
    for table in TABLES:
        assert next(csv.reader([",".join(table.header)])) == list(table.header)
