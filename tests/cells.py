"""Patients: rows too sensitive to release, and the cells that Python makes of them."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.ingest import jalali
from publicgsb.datasets.releases.model import Outcome
from publicgsb.platform.kernel.database import Connections
from tests.schema.worlds import COMMON, declare, release

MIN_CELL = 3
PATIENTS = (
    COMMON
    + f"""
agency: health
dataset: patients
recordName: Patient
title: {{ fa: "بیماران", en: "Patients" }}
fields:
  - {{ name: province, type: string, label: {{ fa: "استان", en: "Province" }}, filters: [eq, in] }}
  - {{ name: sex, type: string, label: {{ fa: "جنس", en: "Sex" }}, filters: [eq, isNull] }}
  - {{ name: born, type: date, label: {{ fa: "زاده", en: "Born" }}, filters: [range] }}
  - {{ name: seen, type: datetime, label: {{ fa: "دیدار", en: "Seen" }}, filters: [range] }}
  - {{ name: cost, type: number, format: decimal, label: {{ fa: "هزینه", en: "Cost" }} }}
  - {{ name: days, type: integer, label: {{ fa: "روزها", en: "Days" }} }}
  - {{ name: file_number, type: string, label: {{ fa: "پرونده", en: "File" }}, access: withheld, legalGround: IR-1 }}
aggregates:
  dimensions: [province, sex, {{ column: born, grain: jalaliYear }}, {{ column: seen, grain: month }}]
  measures: [cost, days]
  only: true
  minCell: {MIN_CELL}
"""
)


class Patient(NamedTuple):
    province: str
    sex: str | None
    born: date
    seen: datetime
    cost: Decimal | None
    days: int | None


class Key(NamedTuple):
    province: str
    sex: str | None
    born: int  # the Jalali year
    seen: str  # the month


class Cell(NamedTuple):
    rows: int
    cost: Decimal | None  # None: too few rows have one
    costs: int
    days: int | None
    stays: int


def patients(seed: int, number: int = 240) -> list[Patient]:
    random = Random(seed)
    return [
        Patient(
            province=random.choice(["تهران", "تهران", "تهران", "یزد", "قم"]),
            sex=random.choice(["f", "m", "m", None]),
            born=date(1990, 2, 20) + timedelta(days=random.randrange(60)),
            seen=datetime(2025, 1, 31, 12) + timedelta(hours=random.randrange(24)),
            cost=random.choice([None, Decimal(random.randrange(10**6)) / 100]),
            days=random.choice([None, None, random.randrange(40)]),
        )
        for _ in range(number)
    ]


def as_csv(rows: list[Patient]) -> str:
    lines = ["province,sex,born,seen,cost,days,file_number"]
    for number, row in enumerate(rows):
        cells = ("" if value is None else value for value in (row.province, row.sex, row.born, f"{row.seen:%FT%TZ}"))
        rest = ("" if value is None else value for value in (row.cost, row.days, f"F-{number}"))
        lines.append(",".join(map(str, (*cells, *rest))))
    return "\n".join(lines) + "\n"


def cells_of(rows: list[Patient]) -> dict[Key, Cell]:
    """Every cell, the small ones too."""
    grouped: dict[Key, list[Patient]] = defaultdict(list)
    for row in rows:
        grouped[Key(row.province, row.sex, jalali.from_date(row.born)[0], f"{row.seen:%Y-%m}")].append(row)
    return {key: _cell(members) for key, members in grouped.items()}


def published(rows: list[Patient]) -> dict[Key, Cell]:
    return {key: cell for key, cell in cells_of(rows).items() if cell.rows >= MIN_CELL}


def _cell(rows: list[Patient]) -> Cell:
    costs = [row.cost for row in rows if row.cost is not None]
    days = [row.days for row in rows if row.days is not None]
    has_costs, has_days = len(costs) >= MIN_CELL, len(days) >= MIN_CELL
    return Cell(
        len(rows),
        sum(costs, Decimal()) if has_costs else None,
        len(costs) if has_costs else 0,
        sum(days) if has_days else None,
        len(days) if has_days else 0,
    )


async def release_patients(connections: Connections, folder: Path, rows: list[Patient]) -> Outcome:
    await add_agency(connections, "health", Label("بهداشت", "Health"), "tests")
    await declare(connections, PATIENTS)
    return await release(connections, folder, "health/patients", as_csv(rows))


def asked(group: dict[str, Any]) -> tuple[Key, Cell]:
    """A group of the finest grouping as key and cell; the counts of measures follow from sum and mean."""
    key, sums = group["key"], group["sum"]
    cost = Decimal(sums["cost"]) if sums["cost"] is not None else None
    days = int(sums["days"]) if sums["days"] is not None else None
    costs = round(cost / Decimal(group["avg"]["cost"])) if cost else 0
    stays = round(days / group["avg"]["days"]) if days else 0
    return Key(key["province"], key["sex"], key["bornJalaliYear"], key["seenMonth"]), Cell(
        group["count"], cost, costs, days, stays
    )
