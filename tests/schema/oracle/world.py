"""The oracle's own world: rows as Python values in lists, released into PostgreSQL and read from the lists again.

Small and nasty on purpose: leading zeros, Persian text, nulls in every nullable column, equal values in every order,
64-bit and exact numbers, composite keys, self links, links over nullable unique keys, a dataset without a key, a field
and a key that only later releases have, a dataset that came later than those that link to it, one that was withdrawn,
one that came back, a release that was recalled and one past its retention, changes on different days, cells without
their rows, and data that not everybody may read.
"""

import random
from pathlib import Path

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from tests.schema.oracle import contracts, guarded, places
from tests.schema.oracle.building import Builder
from tests.schema.oracle.facts import Facts
from tests.schema.oracle.rows import exam_rows, note_rows, province_rows, school_rows


async def found(connections: Connections, folder: Path) -> tuple[Registry, Facts]:
    """Some thirty changes in an order that leaves each kind of history behind."""
    dice = random.Random(1403)  # the rows never change; operations are what a seed draws
    facts = Facts()
    for slug, fa, en in (("geo", "جغرافیا", "Geography"), ("edu", "آموزش", "Education"), ("old", "بایگانی", "Archive")):
        await add_agency(connections, slug, Label(fa, en), "tests")
    builder = Builder(connections, folder, facts)
    await builder.declare(contracts.registers())
    await builder.declare(contracts.provinces())
    await builder.release("old/registers", [{"code": "r1", "title": "دفتر"}, {"code": "r2", "title": None}])
    await builder.release("geo/provinces", province_rows(dice, 9))
    await builder.declare(contracts.schools())
    await builder.release("edu/schools", school_rows(dice, 31, is_late=False))
    await builder.declare(contracts.exams())
    await builder.declare(contracts.notes())
    await builder.release("edu/exams", exam_rows(dice, 60))
    await builder.release("edu/schools", school_rows(dice, 34, is_late=False))
    await builder.release("edu/notes", note_rows(dice, 47))
    await builder.declare(contracts.schools(is_late=True))
    await builder.release("edu/schools", school_rows(dice, 33, is_late=True))
    await builder.release("geo/provinces", province_rows(dice, 8))
    await builder.release("edu/exams", exam_rows(dice, 70))
    await builder.withdraw("old/registers")
    await _places(builder, random.Random(11))
    await _guarded(builder, random.Random(12))
    await builder.spread_over_days()
    await builder.end("geo/places", recalled=5, gone=1)
    async with connections.use() as connection:
        return await load_registry(connection), facts


async def _places(builder: Builder, dice: random.Random) -> None:
    early, late = places.documents()
    rows = [places.rows(dice, 24)]
    rows.append(places.edited(dice, rows[0], 5))
    rows.append(places.edited(dice, places.rows(dice, 60), 3))
    rows.append(places.edited(dice, rows[2], 9))
    rows.append(places.edited(dice, rows[3], 4))
    rows.append(places.edited(dice, rows[3], 12))
    await builder.declare(early)
    await builder.release("geo/places", rows[0])
    await builder.release("geo/places", rows[1])
    await builder.declare(late)
    await builder.release("geo/places", rows[2])
    await builder.withdraw("geo/places")
    await builder.roll_back("geo/places", 3)
    await builder.release("geo/places", rows[3])
    await builder.release("geo/places", rows[4])
    await builder.roll_back("geo/places", 4)
    await builder.release("geo/places", rows[5])


async def _guarded(builder: Builder, dice: random.Random) -> None:
    await builder.declare(guarded.wages())
    await builder.declare(guarded.records())
    await builder.declare(guarded.pupils())
    await builder.release("edu/wages", guarded.wage_rows(dice, 30))
    await builder.release("edu/pupils", guarded.pupil_rows(dice, 300))
    await builder.release("old/records", guarded.record_rows(dice, 12))
    await builder.release("edu/wages", guarded.wage_rows(dice, 33))
    await builder.declare(guarded.pupils(is_late=True))
    await builder.release("edu/pupils", guarded.pupil_rows(dice, 260))
