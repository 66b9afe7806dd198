"""The privacy gate over a million rows of twenty fields: alone, and within the reading of a file."""

import asyncio
import csv
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.place import Place
from benchmarks.results import Result
from benchmarks.table_of_everything import BATCH_ROWS, COLUMNS, FIELDS, ROWS, batches
from publicgsb.datasets.contracts.model import Contract, FieldType
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.service import ingest
from publicgsb.datasets.privacy.gate import ColumnGate, is_gated
from publicgsb.datasets.privacy.watching import RowWatch
from publicgsb.platform.server.demo.sources import Say

_KEPT_MAX = 16_384  # distinct cells of a column that the reader remembers, as datasets/ingest/columns.py does
_LABEL = {"fa": "ساخته برای سنجش", "en": "Made for the bench"}
_WORDS: dict[FieldType, dict[str, Any]] = {
    FieldType.BIGINT: {"type": "integer", "constraints": {"maximum": 9_999_999_999}},
    FieldType.DECIMAL: {"type": "number", "format": "decimal"},
}


async def measure(_: Place, effort: Effort, say: Say) -> Result:
    """The gate blocks nothing here: a table that is refused early would be quick."""
    rows = effort.of(ROWS, 20_000)
    with tempfile.TemporaryDirectory() as folder:
        return await asyncio.to_thread(_measure, Path(folder), rows, effort, say)


def _measure(folder: Path, rows: int, effort: Effort, say: Say) -> Result:
    contract, source = _contract(), folder / "everything.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in FIELDS])
        for batch in batches(rows):
            writer.writerows(zip(*batch.values(), strict=True))
    alone, whole = [], []
    for _ in range(effort.rounds):
        alone.append(_gate(contract, source))
        began = time.perf_counter()
        report = ingest(contract, source, folder / "everything.copy").report
        whole.append(time.perf_counter() - began)
        if report.errors_total or not report.is_releasable:
            raise RuntimeError(report.as_table())
    values = {"gate": statistics.median(alone), "gate_whole": statistics.median(whole)}
    say(f"gate {values['gate']:.1f} s, reading with it {values['gate_whole']:.1f} s")
    return Result(values, _section(rows, alone, whole))


def _gate(contract: Contract, source: Path) -> float:
    """Seconds inside the gate: every column's new cells, and the rows."""
    gates = {field.name: ColumnGate(field) for field in contract.fields if is_gated(field)}
    watch, spent = RowWatch(contract), 0.0
    kept: dict[str, set[str]] = {name: set() for name in gates}
    for batch in _batches_of(source):
        unseen = {name: list(set(batch[name]) - kept[name]) for name in gates}
        for name, cells in unseen.items():
            if len(kept[name]) > _KEPT_MAX:
                kept[name].clear()
            kept[name].update(cells)
        began = time.perf_counter()
        for name, gate in gates.items():
            gate.observe(unseen[name])
        watch.observe(batch)
        spent += time.perf_counter() - began
    began = time.perf_counter()
    watch.report([finding for gate in gates.values() for finding in gate.findings()])
    return spent + time.perf_counter() - began


def _batches_of(source: Path) -> Iterator[dict[str, Sequence[str]]]:
    """Cells by column, out of the file: making them takes longer than all that is measured."""
    with source.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        labels = next(reader)
        while rows := list(islice(reader, BATCH_ROWS)):
            yield dict(zip(labels, zip(*rows, strict=True), strict=True))


def _contract() -> Contract:
    fields = [{"name": name, "label": _LABEL, **_WORDS.get(type_, {"type": type_.value})} for name, type_ in COLUMNS]
    return parse(
        {
            "agency": "bench", "dataset": "everything", "version": "1.0.0", "recordName": "Thing", "title": _LABEL,
            "description": _LABEL, "access": "open", "licence": "CC0-1.0", "attribution": "Made by the bench",
            "source": {"name": "Made by the bench"}, "theme": "science", "cadence": "once",
            "contact": "bench@publicgsb.example", "primaryKey": ["serial"], "fields": fields,
        }
    )  # fmt: skip


def _section(rows: int, alone: Sequence[float], whole: Sequence[float]) -> str:
    return f"""## The privacy gate

{rows:,} rows of {len(COLUMNS)} fields, made from a seed: codes, ids of firms, landlines, measures, days, names, sites
and notes; twelve of the fields hold another value in nearly every row, and none is personal. *Alone* is the time inside
the gate; *within* is a whole reading as `gsb dataset validate` does it: CSV, types, constraints, gate, the rows for
COPY. One process, medians of {len(alone)}.

| what | seconds | spread |
|---|---|---|
| the gate alone | {statistics.median(alone):.1f} | {_spread(alone)} |
| reading, with the gate within | {statistics.median(whole):.1f} | {_spread(whole)} |
"""


def _spread(seconds: Sequence[float]) -> str:
    return f"{(max(seconds) - min(seconds)) / statistics.median(seconds):.0%}"
