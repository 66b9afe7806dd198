"""Declares, releases, withdraws and recalls in the database, and keeps the facts of it beside."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from publicgsb.datasets.agencies.service import add_dataset
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import release_file, rollback, withdraw
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connections
from tests.schema.oracle.cells import cells
from tests.schema.oracle.facts import DatasetKey, Facts, Step
from tests.schema.oracle.files import as_csv

FIRST_DAY = date(2026, 1, 1)


@dataclass(slots=True)
class Builder:
    connections: Connections
    folder: Path
    facts: Facts
    contracts: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def declare(self, document: dict[str, Any]) -> None:
        self.contracts[f"{document['agency']}/{document['dataset']}"] = document
        await add_dataset(self.connections, parse(document), "tests")

    async def release(self, name: str, rows: list[dict[str, Any]]) -> None:
        document = self.contracts[name]
        columns = [one["name"] for one in document["fields"] if one.get("access") != "withheld"]
        file = self.folder / "rows.csv"
        file.write_text(as_csv(columns, rows), encoding="utf-8")
        agency, dataset = name.split("/")
        outcome = await release_file(self.connections, self.folder, agency, dataset, file, "tests")
        assert outcome.release is not None, outcome.report.as_table("en")
        key = (agency, dataset)
        seq = max((number for known, number in self.facts.rows if known == key), default=0) + 1
        contract = parse(document)
        stored: list[dict[str, Any]] = [{column: _absent(row.get(column)) for column in columns} for row in rows]
        if contract.is_aggregate_only:
            stored, self.facts.suppressed[key, seq] = cells(contract, stored)
        self.facts.rows[key, seq] = [{**row, "_row": place} for place, row in enumerate(stored, 1)]
        self.facts.columns[key, seq] = frozenset(columns)
        self.facts.orderings[key, seq] = {one.name: one.fields for one in contract.orderings} | {"key": ()}
        self.facts.contracts[key, seq] = contract
        await self._step({key: seq})

    async def withdraw(self, name: str) -> None:
        agency, dataset = name.split("/")
        await withdraw(self.connections, agency, dataset, Label("نادرست", "Wrong"), "tests")
        self.facts.withdrawn.add((agency, dataset))
        await self._step({(agency, dataset): None})

    async def roll_back(self, name: str, seq: int) -> None:
        agency, dataset = name.split("/")
        await rollback(self.connections, agency, dataset, seq, "tests")
        self.facts.withdrawn.discard((agency, dataset))
        await self._step({(agency, dataset): seq})

    async def end(self, name: str, *, recalled: int, gone: int) -> None:
        """One release is not readable any more by order, one by its age."""
        agency, dataset = name.split("/")
        async with self.connections.use() as connection:
            await connection.execute(
                "update gsb.release set state = 'recalled' where table_name = $1", f"{agency}__{dataset}__r{recalled}"
            )
        swept = await sweep(self.connections, self.folder, keep_releases=4, keep_days=0)
        assert swept.retired == 1
        self.facts.recalled.add(((agency, dataset), recalled))
        self.facts.gone.add(((agency, dataset), gone))

    async def spread_over_days(self) -> None:
        """Three changes a day, the last of them a second before midnight (UTC)."""
        for number, step in enumerate(self.facts.steps, 1):  # so that one day ends with what is recalled later
            day = FIRST_DAY + timedelta(days=number // 3 * 2)
            hour = ("00:00:00", "12:00:00", "23:59:59")[number % 3]
            async with self.connections.use() as connection:
                await connection.execute(
                    "update gsb.registry_entry set at = $2::text::timestamptz where version = $1",
                    step.version,
                    f"{day}T{hour}Z",
                )
            step.day = day

    async def _step(self, change: dict[DatasetKey, int | None]) -> None:
        async with self.connections.use() as connection:
            version = (await load_registry(connection)).version
        before = self.facts.steps[-1].current if self.facts.steps else {}
        self.facts.steps.append(Step(version, before | change))


def _absent(value: Any) -> Any:
    return None if value == "" else value  # an empty cell is no value
