"""Each column gets a verdict, and whoever does as it says gets past the gate."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.ingest.service import ingest
from publicgsb.datasets.privacy.applying import applied

_LABEL = {"fa": "نمونه", "en": "Sample"}
Check = Callable[[Contract], Report]


def contract(*fields: dict[str, Any], **members: Any) -> Contract:
    return parse(
        {
            "agency": "sample", "dataset": "things", "version": "1.0.0", "recordName": "Thing", "title": _LABEL,
            "description": _LABEL, "access": "open", "licence": "CC0-1.0", "attribution": "Sample",
            "source": {"name": "Sample"}, "theme": "society", "cadence": "once", "contact": "data@example.org",
            "fields": [{"label": _LABEL, "type": "string", **field} for field in fields], **members,
        }
    )  # fmt: skip


@pytest.fixture
def check(tmp_path: Path, people: Any) -> Check:
    """Against one file of 300 people, which has a column of every kind."""
    header = "row,national,mobile,card,sheba,mail,born,born_fa,postal,legal,first,second,notes,half,phone"
    lines = [header]
    for at in range(300):
        whole = people.national_id()
        half = people.national_id() if at % 2 else people.digits(10)
        notes = f"paid to {people.sheba()}" if at == 299 else f"note {at}"
        born = f"{1950 + at % 50}-{at % 12 + 1:02d}-{at % 28 + 1:02d}"
        born_fa = f"{1330 + at % 50}/{at % 12 + 1:02d}/{at % 28 + 1:02d}"
        cells = [
            str(at), people.national_id(), people.mobile(), people.card(), people.sheba(), f"a{at}@gmail.com", born,
            born_fa, f"1{people.digits(9)}", _legal_id(people), whole[:4], whole[4:], notes, half, people.mobile(),
        ]  # fmt: skip
        lines.append(",".join(cells))
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lambda made: ingest(made, tmp_path / "in.csv", tmp_path / "out.copy").report


def _legal_id(people: Any) -> str:
    ten = "10" + people.digits(8)
    add = int(ten[9]) + 2
    rest = sum((int(digit) + add) * (29, 27, 23, 19, 17)[at % 5] for at, digit in enumerate(ten)) % 11
    return f"{ten}{rest % 10}"


FIELDS = (
    {"name": "row", "filters": ["eq"]}, {"name": "national", "constraints": {"minLength": 10, "maxLength": 10}},
    {"name": "mobile", "filters": ["eq"]}, {"name": "card"}, {"name": "sheba"}, {"name": "mail"},
    {"name": "born", "type": "date", "label": {"fa": "تاریخ تولد", "en": "Date of birth"}, "filters": ["eq"]},
    {"name": "born_fa", "label": {"fa": "تاریخ تولد", "en": "Date of birth"}},
    {"name": "postal", "label": {"fa": "کد پستی", "en": "Postal code"}, "constraints": {"pattern": "[0-9]{10}"}},
    {"name": "legal"}, {"name": "first"}, {"name": "second"}, {"name": "notes"}, {"name": "half"},
    {"name": "phone", "label": {"fa": "همراه", "en": "Mobile"}},
)  # fmt: skip
WANTED = {
    "row": ("publish", None), "national": ("drop", None), "mobile": ("transform", [{"prefix": 4}]),
    "card": ("transform", [{"prefix": 6}]), "sheba": ("transform", [{"prefix": 7}]), "mail": ("drop", None),
    "born": ("transform", ["jalaliYear"]), "born_fa": ("transform", [{"prefix": 4}]),
    "postal": ("transform", [{"prefix": 5}]), "legal": ("publish", None), "first": ("publish", None),
    "second": ("drop", None), "notes": ("review", None), "half": ("review", None),
    "phone": ("transform", [{"prefix": 4}]),
}  # fmt: skip


def test_every_column_has_a_verdict_with_counts_article_and_what_to_do(check: Check) -> None:
    told = check(contract(*FIELDS)).as_json()["privacy"]
    assert {one["field"]: (one["decision"], (one["proposal"] or {}).get("apply")) for one in told["columns"]} == WANTED
    national = next(one for one in told["columns"] if one["field"] == "national")
    assert national["evidence"] == [
        {"kind": "national-id", "verdict": "block", "distinct": 300, "matched": 300, "legalBasis": "IR-PD-4.3"}
    ]
    assert told["articles"]["IR-PD-4.3"]["en"].startswith("Guideline")
    assert (told["pack"]["name"], told["isBlocking"]) == ("iran", True)


def test_a_contract_with_the_proposals_applied_passes_the_gate(check: Check) -> None:
    made = contract(
        *FIELDS,
        primaryKey=["national"],
        orderings=["mobile", "national"],
        search=["mail", "card"],
        aggregates={"dimensions": ["mobile", "national", "born"], "measures": []},
    )
    report = check(made)
    assert report.privacy is not None and report.errors_total == 0 and not report.is_releasable
    after = check(parse(applied(made, report.privacy.proposals)))
    assert after.is_releasable, after.as_table()
    assert after.privacy is not None and not after.privacy.proposals


def test_a_year_of_birth_takes_the_place_of_the_day(check: Check) -> None:
    made = contract(*FIELDS)
    report = check(made)
    assert report.privacy is not None
    document = applied(made, report.privacy.proposals)
    fields = {field["name"]: field for field in document["fields"]}
    assert fields["born"]["access"] == "withheld"
    assert fields["born_year"]["derive"] == {"from": "born", "apply": ["jalaliYear"]}


def test_an_office_s_phone_is_published_as_the_contract_declares(check: Check) -> None:
    told = check(contract(*FIELDS, privacy={"workplace": ["phone"]})).as_json()["privacy"]["columns"]
    phone = next(one for one in told if one["field"] == "phone")
    assert phone["decision"] == "publish"
    assert (phone["evidence"][0]["verdict"], phone["evidence"][0]["legalBasis"]) == ("workplace", "IR-PD-5.4")


def test_a_workplace_has_no_national_id(check: Check) -> None:
    told = check(contract(*FIELDS, privacy={"workplace": ["national"]})).as_json()["privacy"]["columns"]
    assert next(one for one in told if one["field"] == "national")["decision"] == "drop"


def test_the_report_tells_the_verdicts_in_both_languages_and_shows_no_value(check: Check, tmp_path: Path) -> None:
    report = check(contract(*FIELDS))
    english, persian = report.as_table("en"), report.as_table("fa")
    assert "mobile: transform (mobile 300/300, IR-PD-H.2) → prefix(4)" in english
    assert "national: حذف (national-id 300/300, IR-PD-4.3) → drop" in persian
    told = english + persian + report.as_csv() + str(report.as_json())
    for line in (tmp_path / "in.csv").read_text().splitlines()[1:]:
        assert not any(
            cell in told for cell in line.split(",") if len(cell) > 7 and not cell.startswith(("note", "paid"))
        )
