"""A file and a contract in, what reading it brought back out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.ingest.report import Ingested, Report
from publicgsb.datasets.ingest.service import ingest

FieldDocument: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Read:
    ingested: Ingested
    copied: str

    @property
    def report(self) -> Report:
        return self.ingested.report

    @property
    def cells(self) -> list[list[str]]:
        """Without the row number at the end."""
        return [line.split("\t")[:-1] for line in self.copied.split("\n")[:-1]]

    @property
    def codes(self) -> dict[str, int]:
        return {str(code): count for code, count in self.report.counts.items()}


Reader: TypeAlias = Callable[..., Read]


def contract_of(fields: Sequence[FieldDocument], **members: Any) -> Contract:
    label = {"fa": "نمونه", "en": "Sample"}
    return parse(
        {
            "agency": "sample", "dataset": "things", "version": "1.0.0", "recordName": "Thing",
            "title": label, "description": label, "access": "open", "licence": "CC0-1.0",
            "attribution": "Sample", "source": {"name": "Sample"}, "theme": "society", "cadence": "once",
            "contact": "data@example.org", "fields": [{"label": label, **field} for field in fields], **members,
        }
    )  # fmt: skip


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """read(content, fields, **members of the contract), with `limits` and `progress` as ingest() takes them."""

    def read_content(
        content: str | bytes,
        fields: Sequence[FieldDocument],
        *,
        limits: Limits = Limits(),  # noqa: B008
        progress: Callable[[int, int, int], None] = lambda *_: None,
        **members: Any,
    ) -> Read:
        source, copy_file = tmp_path / "source", tmp_path / "rows.copy"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        contract = contract_of(fields, **members)
        ingested = ingest(contract, source, copy_file, limits=limits, progress=progress)
        return Read(ingested, copy_file.read_text(encoding="utf-8"))

    return read_content


@pytest.fixture
def cell(read: Reader) -> Callable[..., str]:
    """cell(text, field…): the one COPY cell that comes of it, or the code of its error."""

    def one(text: str, **field: Any) -> str:
        quoted = text.replace('"', '""')
        outcome = read(f'id,value\n1,"{quoted}"\n', [{"name": "id", "type": "string"}, {"name": "value", **field}])
        return next(iter(outcome.codes), "") if outcome.codes else outcome.cells[0][1]

    return one
