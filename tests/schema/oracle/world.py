"""The oracle's own world: rows as Python values in lists, released into PostgreSQL and read from the lists again.

Small and nasty on purpose: leading zeros, Persian text, nulls in every nullable column, equal values in every order,
64-bit and exact numbers, composite keys, self links, links over nullable unique keys, a dataset without a key, a field
and a key that only later releases have, a dataset that came later than those that link to it, one that was withdrawn,
one that came back, a release that was recalled and one past its retention, and changes on different days.
"""

import csv
import io
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from publicgsb.datasets.agencies.service import add_agency, add_dataset
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import release_file, rollback, withdraw
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connections
from tests.schema.oracle import places

Row: TypeAlias = Mapping[str, Any]  # by column; `_row` is the 1-based place in the file
DatasetKey: TypeAlias = tuple[str, str]

_COMMON: dict[str, Any] = {
    "version": "1.0.0",
    "description": {"fa": "نمونه", "en": "Sample"},
    "licence": "CC0-1.0",
    "attribution": "Made by hand",
    "source": {"name": "Hand-made", "year": 2026},
    "theme": "transport",
    "cadence": "once",
    "contact": "tests@publicgsb.example",
}
_TEXTS = ("تهران", "تبریز", "یزد", "يزد", "آمل", "Zürich", "zürich", "", "٪٪", "a'b\"c", "\\n", "💧", "00", "0", "ته")
_BIG = (0, -1, 9_007_199_254_740_993, 9_223_372_036_854_775_807, -9_223_372_036_854_775_808)
_EXACT = ("0", "10.50", "10.5", "-3.250", "99999999999999999999.99", "0.0000001")
_FLOATS = (0.0, 0.1, -2.5, 4055.0, 1e300, 5e-324, 1 / 3)
_MOMENTS = (
    datetime(2026, 1, 1, 6, tzinfo=UTC),
    datetime(2026, 1, 2, 8, 30, 0, 123456, tzinfo=UTC),
    datetime(2026, 1, 2, 8, 30, 0, 120000, tzinfo=UTC),
    datetime(1979, 2, 11, 23, 59, 59, 999999, tzinfo=UTC),
)
_DAYS = tuple(date(2026, 3, 19) + timedelta(days=step) for step in range(4))
FIRST_DAY = date(2026, 1, 1)
_SUBJECTS = ("ریاضی", "شیمی", "art")


@dataclass(slots=True)
class Step:
    """The state after one change: the registry version, and what each dataset answers from then on."""

    version: int
    current: dict[DatasetKey, int | None]  # release; None: nothing
    day: date = date.min


@dataclass(slots=True)
class Facts:
    """What the oracle knows, without asking the database for a row."""

    rows: dict[tuple[DatasetKey, int], list[Row]] = field(default_factory=dict)
    columns: dict[tuple[DatasetKey, int], frozenset[str]] = field(default_factory=dict)
    orderings: dict[tuple[DatasetKey, int], dict[str, tuple[str, ...]]] = field(default_factory=dict)
    contracts: dict[tuple[DatasetKey, int], Contract] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    withdrawn: set[DatasetKey] = field(default_factory=set)
    recalled: set[tuple[DatasetKey, int]] = field(default_factory=set)
    gone: set[tuple[DatasetKey, int]] = field(default_factory=set)

    def at(self, version: int) -> Step | None:
        """The newest state that is not younger than `version`."""
        return next((step for step in reversed(self.steps) if step.version <= version), None)

    def forgotten_before(self, key: DatasetKey) -> int:
        """The version before which nothing of the dataset is remembered: what it held then is past its retention."""
        if not any(known == key for known, _ in self.gone):
            return 0
        held = ((step.version, step.current.get(key)) for step in self.steps)
        return next(version for version, seq in held if seq is not None and (key, seq) not in self.gone)


async def found(connections: Connections, folder: Path) -> tuple[Registry, Facts]:
    """Twenty changes in an order that leaves each kind of history behind."""
    dice = random.Random(1403)  # the rows never change; operations are what a seed draws
    facts = Facts()
    for slug, fa, en in (("geo", "جغرافیا", "Geography"), ("edu", "آموزش", "Education"), ("old", "بایگانی", "Archive")):
        await add_agency(connections, slug, Label(fa, en), "tests")
    builder = _Builder(connections, folder, facts)
    await builder.declare(_registers())
    await builder.declare(_provinces())
    await builder.release("old/registers", [{"code": "r1", "title": "دفتر"}, {"code": "r2", "title": None}])
    await builder.release("geo/provinces", _province_rows(dice, 9))
    await builder.declare(_schools())
    await builder.release("edu/schools", _school_rows(dice, 31, is_late=False))
    await builder.declare(_exams())
    await builder.declare(_notes())
    await builder.release("edu/exams", _exam_rows(dice, 60))
    await builder.release("edu/schools", _school_rows(dice, 34, is_late=False))
    await builder.release("edu/notes", _note_rows(dice, 47))
    await builder.declare(_schools(is_late=True))
    await builder.release("edu/schools", _school_rows(dice, 33, is_late=True))
    await builder.release("geo/provinces", _province_rows(dice, 8))
    await builder.release("edu/exams", _exam_rows(dice, 70))
    await builder.withdraw("old/registers")
    await _places(builder, random.Random(11))
    await builder.spread_over_days()
    await builder.end("geo/places", recalled=5, gone=1)
    async with connections.use() as connection:
        return await load_registry(connection), facts


async def _places(builder: "_Builder", dice: random.Random) -> None:
    early, late = places.documents(_dataset, _field, _link)
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


@dataclass(slots=True)
class _Builder:
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
        file.write_text(_csv(columns, rows), encoding="utf-8")
        agency, dataset = name.split("/")
        outcome = await release_file(self.connections, self.folder, agency, dataset, file, "tests")
        assert outcome.release is not None, outcome.report.as_table("en")
        key = (agency, dataset)
        seq = max((number for known, number in self.facts.rows if known == key), default=0) + 1
        stored = [{column: _absent(row.get(column)) for column in columns} for row in rows]
        self.facts.rows[key, seq] = [{**row, "_row": place} for place, row in enumerate(stored, 1)]
        self.facts.columns[key, seq] = frozenset(columns)
        self.facts.orderings[key, seq] = {
            (one if isinstance(one, str) else one["name"]): ((one,) if isinstance(one, str) else tuple(one["fields"]))
            for one in document["orderings"]
        } | {"key": ()}
        self.facts.contracts[key, seq] = parse(document)
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


def _csv(columns: list[str], rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
    return str(value)


# Contracts -------------------------------------------------------------------------------------------------


def _dataset(agency: str, dataset: str, record: str, fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    title = {"fa": dataset, "en": dataset.title()}
    return {
        **_COMMON,
        "agency": agency,
        "dataset": dataset,
        "recordName": record,
        "title": title,
        "fields": fields,
    } | more


def _field(name: str, type_: str, *filters: str, required: bool = False, **more: Any) -> dict[str, Any]:
    label = {"fa": name, "en": name.title()}
    constraints = {"required": True} if required else {}
    return {"name": name, "type": type_, "label": label, "filters": list(filters), "constraints": constraints} | more


def _link(name: str, fields: list[str], to: str, to_fields: list[str], reverse: str | None) -> dict[str, Any]:
    link = {"name": name, "fields": fields, "to": to, "toFields": to_fields, "label": {"fa": name, "en": name}}
    return link | ({"reverse": reverse} if reverse else {})


def _big(name: str, *filters: str) -> dict[str, Any]:
    whole = _field(name, "integer", *filters)
    whole["constraints"] = {"maximum": 9_223_372_036_854_775_807}
    return whole


def _registers() -> dict[str, Any]:
    fields = [_field("code", "string", "eq", required=True), _field("title", "string", "eq")]
    return _dataset("old", "registers", "Register", fields, primaryKey=["code"], orderings=["title"])


def _provinces() -> dict[str, Any]:
    return _dataset(
        "geo",
        "provinces",
        "Province",
        [
            _field("code", "string", "eq", "in", "startsWith", required=True),
            _field("name", "string", "eq", "in", "startsWith", "contains", "isNull"),
            _big("population", "eq", "in", "range", "isNull"),
            _field("area", "number", "eq", "in", "range", "isNull", format="decimal"),
            _field("parent_code", "string", "eq", "isNull"),
            _field("register_code", "string", "eq"),
        ],
        primaryKey=["code"],
        orderings=["name", "population", "area"],
        aggregates={"dimensions": ["register_code", "population"], "measures": ["population", "area"]},
        links=[
            _link("parent", ["parent_code"], "geo/provinces", ["code"], "children"),
            _link("register", ["register_code"], "old/registers", ["code"], "provinces"),
        ],
    )


def _schools(*, is_late: bool = False) -> dict[str, Any]:
    fields = [
        _field("code", "string", "eq", "in", "startsWith", required=True),
        _big("registry_no", "eq", "in", "range", "isNull"),
        _field("name", "string", "eq", "in", "startsWith", "contains", "range", required=True),
        _field("province_code", "string", "eq", "in", "isNull"),
        _field("founded", "date", "eq", "in", "range", "isNull"),
        _field("opened_year", "year", "eq", "in", "range", "isNull"),
        _field("rating", "number", "eq", "in", "range", "isNull"),
        _field("pupils", "integer", "eq", "in", "range", "isNull"),
        _field("is_public", "boolean", "eq", "isNull"),
        _field("budget", "number", "eq", "in", "range", "isNull", format="decimal"),
        _field("updated_at", "datetime", "eq", "in", "range", "isNull"),
        _field("head", "string", access="withheld", legalGround="IR-FOI-14"),
    ]
    orderings: list[Any] = [
        *("name", "rating", "founded", "is_public", "updated_at", "budget", "registry_no", "opened_year"),
        {"name": "by_province", "fields": ["province_code", "pupils"]},
    ]
    links = [_link("province", ["province_code"], "geo/provinces", ["code"], "schools")]
    dimensions = ["province_code", "is_public", "founded", "opened_year", "updated_at", "pupils"]
    measures = ["pupils", "registry_no", "rating", "budget"]
    more: dict[str, Any] = {"uniqueKeys": [["registry_no"]]}
    if is_late:
        fields += [
            _field("badge", "string", "eq", "in", "startsWith", "isNull"),
            _field("twin_code", "string", "eq", "isNull"),
        ]
        orderings.append("badge")
        links.append(_link("twin", ["twin_code"], "edu/schools", ["code"], "twins"))
        dimensions.append("badge")
        more = {"uniqueKeys": [["registry_no"], ["badge"]], "version": "1.1.0", "search": ["name", "badge"]}
    more["aggregates"] = {"dimensions": dimensions, "measures": measures}
    return _dataset("edu", "schools", "School", fields, primaryKey=["code"], orderings=orderings, links=links, **more)


def _exams() -> dict[str, Any]:
    return _dataset(
        "edu",
        "exams",
        "Exam",
        [
            _field("school_code", "string", "eq", "in", required=True),
            _field("held_on", "date", "eq", "range", required=True),
            _field("subject", "string", "eq", "in", "startsWith", required=True),
            _field("score", "number", "range", "isNull"),
            _field("is_final", "boolean", "eq"),
        ],
        primaryKey=["school_code", "held_on", "subject"],
        orderings=["score", {"name": "day", "fields": ["held_on", "is_final"]}],
        aggregates={"dimensions": ["subject", "held_on", "is_final"], "measures": ["score"]},
        links=[_link("school", ["school_code"], "edu/schools", ["code"], "exams")],
    )


def _notes() -> dict[str, Any]:
    exam = ["school_code", "held_on", "subject"]
    return _dataset(
        "edu",
        "notes",
        "Note",
        [
            _field("text", "string", "eq", "startsWith", "isNull"),
            _field("school_code", "string", "eq"),
            _field("held_on", "date", "eq"),
            _field("subject", "string", "eq"),
            _big("writer_no", "eq", "isNull"),
        ],
        orderings=["text"],
        links=[
            _link("exam", exam, "edu/exams", exam, "notes"),
            _link("writer", ["writer_no"], "edu/schools", ["registry_no"], "written"),
        ],
        shortcuts=[
            {"name": "writers", "from": "exam", "to": "writer", "label": {"fa": "نویسندگان", "en": "Writers"}},
            {"name": "examsNoted", "from": "writer", "to": "exam", "label": {"fa": "آزمون‌ها", "en": "Exams"}},
        ],
    )


# Rows ------------------------------------------------------------------------------------------------------


def _maybe(dice: random.Random, values: tuple[Any, ...]) -> Any:
    return None if dice.random() < 0.25 else dice.choice(values)


def _province_rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    codes = [f"{number:02}" for number in range(1, count + 1)]
    dice.shuffle(codes)
    return [
        {
            "code": code,
            "name": _maybe(dice, _TEXTS),
            "population": _maybe(dice, _BIG),
            "area": _maybe(dice, tuple(map(Decimal, _EXACT))),
            "parent_code": _maybe(dice, ("01", "02", "77", code)),
            "register_code": _maybe(dice, ("r1", "r2", "r9")),
        }
        for code in codes
    ]


def _school_rows(dice: random.Random, count: int, *, is_late: bool) -> list[dict[str, Any]]:
    numbers = [None if dice.random() < 0.2 else number for number in [*_BIG, *range(100, 100 + count)]][:count]
    codes = [f"{number:04}" for number in range(count)]
    dice.shuffle(codes)
    rows = []
    for place, code in enumerate(codes):
        row = {
            "code": code,
            "registry_no": numbers[place],
            "name": dice.choice(_TEXTS) or "بی‌نام",
            "province_code": _maybe(dice, ("01", "02", "03", "1", "99")),
            "founded": _maybe(dice, (*_DAYS, date(1, 1, 1), date(9999, 12, 31))),
            "opened_year": _maybe(dice, (1357, 1979, 2026)),
            "rating": _maybe(dice, _FLOATS),
            "pupils": _maybe(dice, (0, 7, 7, -2147483648, 2147483647)),
            "is_public": _maybe(dice, (True, False)),
            "budget": _maybe(dice, tuple(map(Decimal, _EXACT))),
            "updated_at": _maybe(dice, _MOMENTS),
        }
        if is_late:
            row |= {"badge": None if place % 3 else f"ب{place}", "twin_code": _maybe(dice, (code, "0000", "0001"))}
        rows.append(row)
    return rows


def _exam_rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    keys = [(f"{school:04}", day, subject) for school in range(0, 44, 3) for day in _DAYS for subject in _SUBJECTS]
    return [
        {
            "school_code": school,
            "held_on": day,
            "subject": subject,
            "score": _maybe(dice, (*_FLOATS, 12.75)),
            "is_final": _maybe(dice, (True, False)),
        }
        for school, day, subject in dice.sample(keys, count)
    ]


def _note_rows(dice: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "text": _maybe(dice, _TEXTS),
            "school_code": f"{dice.choice((0, 3, 6, 9)):04}",
            "held_on": _maybe(dice, _DAYS),
            "subject": _maybe(dice, _SUBJECTS),
            "writer_no": _maybe(dice, (*_BIG, 100, 101, 999)),
        }
        for _ in range(count)
    ]
