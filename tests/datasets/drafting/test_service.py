"""A file is enough to begin with: what is proposed for it can be released once a person has filled in the words."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.datasets.conftest import column
from tests.datasets.formats.conftest import xlsx_of

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.drafting.document import contract_document, contract_yaml
from publicgsb.datasets.drafting.model import Draft
from publicgsb.datasets.drafting.service import draft_file, names_of
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.releases.model import Outcome
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Outcome]]
Documents = Callable[..., dict[str, Any]]
WriteCsv = Callable[[Iterable[Iterable[object]]], Path]
DraftRows = Callable[[Any], Awaitable[Draft]]


@pytest.fixture
def draft(connections: Connections, state_dir: Path, write_csv: WriteCsv) -> DraftRows:
    async def drafted(rows: Any) -> Draft:
        return await draft_file(connections, state_dir, write_csv(rows), "interior", "villages")

    return drafted


def filled(value: Any) -> Any:
    """What a person does to a draft."""
    if isinstance(value, dict):
        words = {"licence": "CC0-1.0", "theme": "regions", "cadence": "yearly", "fa": "واژه", "en": "Word"}
        return {
            name: words.get(name, "data@example.org") if one == "" and name != "value" else filled(one)
            for name, one in value.items()
        }
    return [filled(one) for one in value] if isinstance(value, list) else value


ROWS = [
    ["code", "name", "kind", "opened", "people", "is_rural"],
    *([f"{at:05}", f"روستای {at}", "ده" if at % 3 else "آبادی", f"14{at % 4:02}/0{at % 6 + 1}/31", at * 7, "10"[at % 2]]
      for at in range(200)),
]  # fmt: skip


async def test_what_is_proposed_reads_the_very_file_it_was_drafted_from(
    draft: DraftRows, declare: Declare, release: Release
) -> None:
    document = filled(contract_document(await draft(ROWS), "interior", "villages"))
    fields = {field["name"]: field for field in document["fields"]}
    assert {name: field["type"] for name, field in fields.items()} == {
        "code": "string", "name": "string", "kind": "string", "opened": "date", "people": "integer",
        "is_rural": "boolean",
    }  # fmt: skip
    assert document["primaryKey"] == ["code"]
    assert fields["opened"]["format"] == "jalali"
    assert [one["value"] for one in fields["kind"]["categories"]] == ["آبادی", "ده"]
    await declare(document)
    outcome = await release("interior/villages", ROWS)
    assert outcome.release is not None, outcome.report.as_json()


async def test_the_yaml_is_the_document_with_its_evidence(draft: DraftRows) -> None:
    drafted = await draft(ROWS)
    text = contract_yaml(drafted, "interior", "villages")
    assert yaml.safe_load(text) == contract_document(drafted, "interior", "villages")
    assert "200 distinct values, 0 without one, 5 characters long" in text
    with pytest.raises(InvalidRequest) as refused:
        parse(yaml.safe_load(text))
    assert {problem["path"] for problem in refused.value.details["problems"]} >= {"licence", "fields[0].label.fa"}


async def test_what_ends_a_line_in_yaml_ends_no_comment_and_no_text(draft: DraftRows) -> None:
    label = "kind\u2028x: 1\u0085y: 2\u2029z: 3\x7f"
    drafted = await draft([["code", label], ["1", "a\u2028b"], ["2", "a\u2028b"]] + [["3", "c"]] * 20)
    text = contract_yaml(drafted, "interior", "villages")
    assert yaml.safe_load(text) == contract_document(drafted, "interior", "villages")
    assert not set("\u0085\u2028\u2029\x7f") & set(text)


async def test_words_for_nothing_are_declared_for_the_columns_that_have_them(
    draft: DraftRows, declare: Declare, release: Release
) -> None:
    rows = [["country", "people"], ["IR", "90"], ["NA", "3"], ["JP", "NA"]]
    document = filled(contract_document(await draft(rows), "interior", "villages"))
    assert [field.get("missingValues") for field in document["fields"]] == [None, ["", "NA"]]
    await declare(document)
    outcome = await release("interior/villages", rows)
    assert outcome.release is not None


async def test_two_or_three_columns_that_are_unique_together_are_the_key(draft: DraftRows) -> None:
    pair = [["a", "b", "x"], *([at // 10, at % 10, 1] for at in range(100))]
    assert (await draft(pair)).keys == (("a", "b"),)
    triple = [["a", "b", "c"], *([at // 16, at // 4 % 4, at % 4] for at in range(64))]
    assert (await draft(triple)).keys == (("a", "b", "c"),)
    assert (await draft([["a", "b"], [1, 1], [1, 1]])).keys == ()


async def test_a_pair_that_repeats_in_the_last_row_is_no_key(draft: DraftRows) -> None:
    rows = [["a", "b"], *([at // 200, at % 200] for at in range(20_000)), [0, 0]]
    assert (await draft(rows)).keys == ()


async def test_a_column_with_a_hole_is_no_key_and_other_unique_ones_are_said(draft: DraftRows) -> None:
    drafted = await draft([["name", "code", "hole"], ["x", "01", "a"], ["y", "02", "b"], ["z", "03", ""]])
    assert drafted.keys == (("code",), ("name",))
    fields = contract_document(drafted, "interior", "villages")["fields"]
    assert fields[0]["constraints"] == {"required": True, "unique": True}
    assert "constraints" not in fields[2]


@pytest.fixture
async def provinces(declare: Declare, country: Documents, release: Release) -> None:
    fields = [column("code"), column("name")]
    await declare(country(agency="interior", dataset="provinces", recordName="Province", fields=fields, orderings=None))
    await release("interior/provinces", [["code", "name"], *([f"{at:02}", f"p{at}"] for at in range(31))])


async def test_a_link_is_proposed_with_its_measured_rate(draft: DraftRows, provinces: None) -> None:
    rows = [["village", "province_code"], *([f"v{at}", f"{at % 31:02}"] for at in range(310))]
    drafted = await draft(rows)
    (link,) = drafted.links
    assert (link.column, link.dataset, link.field, link.distinct, link.matched, link.pad) == (
        *("province_code", "provinces", "code", 31, 31), None,
    )  # fmt: skip
    document = contract_document(drafted, "interior", "villages")
    assert document["links"][0] | {"label": None} == {
        "name": "province", "fields": ["province_code"], "to": "interior/provinces", "toFields": ["code"],
        "reverse": "villages", "label": None,
    }  # fmt: skip


async def test_closed_data_of_other_agencies_are_not_compared_with(
    draft: DraftRows, declare: Declare, country: Documents, release: Release
) -> None:
    """The count would tell which values they hold."""
    fields = [column("code"), column("name")]
    members = {"dataset": "provinces", "recordName": "Province", "fields": fields, "orderings": None}
    await declare(country(agency="secrets", access="restricted", legalGround="x", **members))
    await release("secrets/provinces", [["code", "name"], *([f"{at:02}", f"p{at}"] for at in range(31))])
    rows = [["village", "province_code"], *([f"v{at}", f"{at % 31:02}"] for at in range(310))]
    assert (await draft(rows)).links == ()


async def test_lost_zeros_are_seen_by_what_the_padded_codes_match(
    draft: DraftRows, provinces: None, declare: Declare, release: Release
) -> None:
    """Naively the numbers 0-9 find nothing; padded to the width of the released key all do."""
    rows = [["village", "province"], *([f"v{at}", at % 31] for at in range(310))]
    drafted = await draft(rows)
    (link,) = drafted.links
    assert (link.pad, link.matched, link.matched_unpadded, link.distinct) == (2, 31, 21, 31)
    document = filled(contract_document(drafted, "interior", "villages"))
    field = document["fields"][1]
    assert (field["type"], field["apply"]) == ("string", [{"zeroPad": 2}])
    await declare(document)
    outcome = await release("interior/villages", rows)
    assert outcome.release is not None
    assert outcome.release.link_rates["provinceRecord"].ratio == 1.0


async def test_a_link_that_holds_for_half_of_the_values_is_told_and_not_proposed(
    draft: DraftRows, provinces: None
) -> None:
    rows = [["village", "province_code"], *([f"v{at}", f"{at % 50:02}"] for at in range(500))]
    drafted = await draft(rows)
    assert [link.matched for link in drafted.links] == [31]
    assert "links" not in contract_document(drafted, "interior", "villages")
    assert "31 of 50 values (62.0%) are in interior/provinces.code, not proposed" in contract_yaml(
        drafted, "interior", "villages"
    )


async def test_counts_and_names_link_to_nothing(draft: DraftRows, provinces: None) -> None:
    rows = [["name", "rooms"], *([f"village {at}", at % 4] for at in range(100))]
    assert (await draft(rows)).links == ()


async def test_a_workbook_is_drafted_too_and_numbers_in_it_are_doubted(
    connections: Connections, state_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(xlsx_of([["کد", "Village Name"], [12, "a"], [7, "b"]]))
    drafted = await draft_file(connections, state_dir, path, "interior", "villages")
    text = contract_yaml(drafted, "interior", "villages")
    assert [column.name for column in drafted.columns] == ["column_1", "village_name"]
    assert 'in the file it is called "کد": rename it to column_1' in text
    assert "passed through a spreadsheet" in text
    assert list((state_dir / "loading").iterdir()) == []


@pytest.mark.parametrize("content", ["", "\n", "a,b\n", "%PDF-1.7"])
async def test_what_cannot_be_read_is_refused_in_a_sentence(
    connections: Connections, state_dir: Path, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(InvalidRequest):
        await draft_file(connections, state_dir, path, "interior", "villages")


async def test_a_file_that_unfolds_to_more_than_allowed_is_refused(
    connections: Connections, state_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text('{"a": "x", "b": "x", "c": "x"}\n' + "{}\n" * 1_000)
    limits = Limits(content_bytes_max=5_000)
    with pytest.raises(InvalidRequest) as refused:
        await draft_file(connections, state_dir, path, "interior", "villages", limits=limits)
    assert refused.value.details["reason"] == "byte-count-error"


def test_labels_that_fall_together_get_names_of_their_own() -> None:
    labels = ["a" * 60, "a" * 60, "a" * 40 + "_3", "a" * 60, "a" * 40 + "_4", "b", "b_6", "b"]
    names = names_of(labels)
    assert len(set(names)) == len(labels)
    assert max(map(len, names)) <= 48


def test_labels_become_names_that_a_contract_takes() -> None:
    assert names_of(["Province Code", "provinceCode", "نام", "_row", "1st", "a" * 60]) == [
        "province_code", "province_code_2", "column_3", "row", "column_5", "a" * 48,
    ]  # fmt: skip
