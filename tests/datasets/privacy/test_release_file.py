"""The gate at work on files: it sees what would be released, after all transforms, and nothing else."""

from pathlib import Path
from typing import Any

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.ingest.service import ingest

_LABEL = {"fa": "نمونه", "en": "Sample"}


def report_on(folder: Path, content: str, field: dict[str, Any]) -> Report:
    contract = parse(
        {
            "agency": "sample", "dataset": "things", "version": "1.0.0", "recordName": "Thing", "title": _LABEL,
            "description": _LABEL, "access": "open", "licence": "CC0-1.0", "attribution": "Sample",
            "source": {"name": "Sample"}, "theme": "society", "cadence": "once", "contact": "data@example.org",
            "fields": [{"name": "city", "type": "string", "label": _LABEL}, {"label": _LABEL, **field}],
        }
    )  # fmt: skip
    (folder / "in.csv").write_text(content, encoding="utf-8")
    return ingest(contract, folder / "in.csv", folder / "out.copy").report


def planted(people: Any, make: str = "national_id") -> tuple[str, list[str]]:
    values = [getattr(people, make)() for _ in range(500)]
    return "city,who\n" + "".join(f"Tehran,{value}\n" for value in values), values


def test_a_file_with_planted_ids_is_refused_and_no_rendering_shows_one(people: Any, tmp_path: Path) -> None:
    content, values = planted(people)
    report = report_on(tmp_path, content, {"name": "who", "type": "string"})
    assert report.errors_total == 0
    assert not report.is_releasable
    told = str(report.as_json()) + report.as_csv() + report.as_table("en") + report.as_table("fa")
    assert "privacy-national-id" in told
    assert not any(value in told for value in values)


def test_ids_planted_as_whole_numbers_are_refused(people: Any, tmp_path: Path) -> None:
    _, values = planted(people)
    bare = "city,who\n" + "".join(f"Tehran,{int(value)}\n" for value in values)
    field = {"name": "who", "type": "integer", "constraints": {"maximum": 9_999_999_999}}
    assert not report_on(tmp_path, bare, field).is_releasable


def test_the_same_file_is_releasable_once_the_column_is_withheld(people: Any, tmp_path: Path) -> None:
    content, values = planted(people)
    field = {"name": "who", "type": "string", "access": "withheld", "legalGround": "IR-PD-4.3"}
    assert report_on(tmp_path, content, field).is_releasable
    copied = (tmp_path / "out.copy").read_text()
    assert not any(value in copied for value in values)


def test_the_proposed_prefix_clears_a_column_of_cards(people: Any, tmp_path: Path) -> None:
    content, _ = planted(people, "card")
    assert not report_on(tmp_path, content, {"name": "who", "type": "string"}).is_releasable
    assert report_on(tmp_path, content, {"name": "who", "type": "string", "apply": [{"prefix": 6}]}).is_releasable


def test_an_id_that_a_derived_field_carries_on_is_seen_there(people: Any, tmp_path: Path) -> None:
    content, _ = planted(people)
    hidden = {"name": "who", "type": "string", "access": "withheld", "legalGround": "IR-PD-4.3", "label": _LABEL}
    derived = {
        "name": "again",
        "type": "string",
        "derive": {"from": "who", "apply": [{"zeroPad": 10}]},
        "label": _LABEL,
    }
    contract = parse(
        {
            "agency": "sample", "dataset": "things", "version": "1.0.0", "recordName": "Thing", "title": _LABEL,
            "description": _LABEL, "access": "open", "licence": "CC0-1.0", "attribution": "Sample",
            "source": {"name": "Sample"}, "theme": "society", "cadence": "once", "contact": "data@example.org",
            "fields": [{"name": "city", "type": "string", "label": _LABEL}, hidden, derived],
        }
    )  # fmt: skip
    (tmp_path / "in.csv").write_text(content, encoding="utf-8")
    findings = ingest(contract, tmp_path / "in.csv", tmp_path / "out.copy").report.findings
    assert [(f.field, str(f.verdict)) for f in findings if f.is_blocking] == [("again", "block")]
