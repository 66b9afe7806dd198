"""One dataset as the registry has it, changed in what a test is about."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from tests.datasets.conftest import country_document

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.exports.model import FileFormat, Made, Part, Whole
from publicgsb.datasets.quality.model import Counted
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, LinkRate, ReleaseRef

AGENCY = Agency(1, "standards", Label("استاندارد", "Standards"), False, "c@example.org")
PUBLISHED = datetime(2026, 11, 1, 22, 0, tzinfo=UTC)
SHA = "ab" * 32
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
MADE = Made(1, NOW, (Part(FileFormat.PARQUET, 1, 4, 10, SHA), Part(FileFormat.CSV, 1, 4, 30, SHA)), Whole(30, SHA, SHA))
COUNTED = Counted({"code": 4, "name": 3}, 8, 1)


def entry_of(
    document: dict[str, Any] | None = None,
    *,
    rows: int = 4,
    counted: Counted | None = COUNTED,
    rates: Mapping[str, LinkRate] | None = None,
    linked_from: Mapping[str, LinkRate] | None = None,
    is_released: bool = True,
    as_of: date | None = None,
) -> DatasetEntry:
    contract = parse(document or country_document())
    names = frozenset(field.name for field in contract.released_fields)
    release = (
        ReleaseRef(1, 1, 1, contract, "t1", names, rows, SHA, as_of, PUBLISHED, counted=counted)
        if is_released
        else None
    )
    return DatasetEntry(
        1, AGENCY, contract.dataset, contract, DatasetState.ACTIVE, None, release, ((1, release),),
        {1: release} if release else {}, frozenset(), frozenset(), rates or {}, linked_from=linked_from or {},
    )  # fmt: skip
