"""How each field is answered, over rows in lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from publicgsb_sdk.testing import grouping, pages
from publicgsb_sdk.testing.comparing import keeps
from publicgsb_sdk.testing.cursors import bad_cursor
from publicgsb_sdk.testing.feed import Feed, Side, feed
from publicgsb_sdk.testing.grouping import Whole
from publicgsb_sdk.testing.meaning import Meaning
from publicgsb_sdk.testing.model import MockContract, Name, Row
from publicgsb_sdk.testing.pages import Page
from publicgsb_sdk.testing.refusals import Refusal
from publicgsb_sdk.testing.state import Release, World

Versions: TypeAlias = "int | tuple[int, int] | Refusal"


class Told(Protocol):
    """What is told of the catalogue."""

    def agencies(self) -> list[dict[str, Any]]: ...

    def datasets(self) -> list[dict[str, Any]]: ...


class Caller(Protocol):
    """What is told of the caller's account."""

    def me(self) -> dict[str, Any]: ...

    def quota(self) -> list[dict[str, Any]]: ...

    def usage(self, args: Mapping[str, Any]) -> list[dict[str, Any]]: ...

    def rate_limit(self) -> dict[str, Any]: ...


@dataclass(slots=True)
class Question:
    """What answering one operation goes by: at which version each root field is read, and what was read so far."""

    world: World
    told: Told
    caller: Caller
    versions: Mapping[tuple[str, ...], Versions] = field(default_factory=dict[tuple[str, ...], Versions])
    is_dry_run: bool = False
    records_read: int = 0
    answered_by: dict[Name, Release] = field(default_factory=dict[Name, Release])

    def bind(self, contract: MockContract, version: int) -> Release:
        release = self.world.bind(contract.name, version)
        self.answered_by.setdefault(contract.name, release)
        return release


@dataclass(frozen=True, slots=True)
class Found:
    """A record, and the state in which it was found."""

    row: Row
    release: Release
    version: int


@dataclass(frozen=True, slots=True)
class Groups:
    """An aggregate, and the release that it is over."""

    whole: Whole
    release: Release


# The fields of agencies ------------------------------------------------------------------------------------


def records(meaning: Meaning, _: Any, info: Any, **args: Any) -> Page | None:
    question, version = _at(info)
    assert isinstance(version, int)
    release = question.bind(meaning.contract, version)
    if question.is_dry_run:
        return None
    return _page(question, pages.page(release, meaning.contract, version, args, release.rows, is_root=True))


def record(meaning: Meaning, _: Any, info: Any, **args: Any) -> Found | None:
    question, version = _at(info)
    assert isinstance(version, int)
    release = question.bind(meaning.contract, version)
    if question.is_dry_run:
        return None
    ((name, member),) = args["by"].items()
    key = next(one for one in meaning.contract.keys if one.name == name)
    columns = [meaning.contract.by_name[one] for one in key.columns]
    wanted = [member] if len(columns) == 1 else [member[one.api_name] for one in columns]
    return _find(question, release, version, dict(zip(key.columns, wanted, strict=True)))


def aggregate(meaning: Meaning, _: Any, info: Any, **args: Any) -> Groups | None:
    question, version = _at(info)
    assert isinstance(version, int)
    release = question.bind(meaning.contract, version)
    if question.is_dry_run:
        return None
    kept = keeps(args.get("where"), meaning.contract)
    whole = grouping.whole(meaning.contract, [row for row in release.rows if kept(row)], args)
    question.records_read += len(whole.shown)
    return Groups(whole, release)


def changes(meaning: Meaning, _: Any, info: Any, **args: Any) -> Feed | None:
    question, versions = _at(info)
    assert isinstance(versions, tuple)
    now, since = (Side(question.bind(meaning.contract, one), one) for one in versions)
    if isinstance(args["since"], int) and args["since"] != since.release.seq:
        raise bad_cursor("The cursor belongs to another beginning.")
    if question.is_dry_run:
        return None
    found = feed(meaning.contract, now, since, args)
    question.records_read += len(found.changes)
    return found


def _at(info: Any) -> tuple[Question, int | tuple[int, int]]:
    question: Question = info.context
    version = question.versions[tuple(str(step) for step in info.path.as_list())]
    if isinstance(version, Refusal):
        raise version
    return question, version


# The fields of records -------------------------------------------------------------------------------------


def column(meaning: Meaning, found: Found, _: Any) -> Any:
    assert meaning.column is not None
    if meaning.contract.is_withheld(meaning.column):
        raise Refusal("WITHHELD", f"{meaning.column.name} is not released.", is_of_field=True)
    return found.row.get(meaning.column.name)


def to_one(meaning: Meaning, found: Found, info: Any) -> Found | None:
    question: Question = info.context
    assert meaning.join is not None
    release = question.bind(meaning.contract, found.version)
    question.records_read += 1
    values = [found.row.get(one) for one in meaning.join.columns]
    wanted = dict(zip(meaning.join.to_columns, values, strict=True))
    return _find(question, release, found.version, wanted, is_counted=False)


def to_many(meaning: Meaning, found: Found, info: Any, **args: Any) -> Page | None:
    question: Question = info.context
    join = meaning.join
    assert join is not None
    release = question.bind(meaning.contract, found.version)
    if not (release.has(join.columns) and found.release.has(join.to_columns)):
        return None
    rows = [row for row in release.rows if _meets(row, join.columns, found.row, join.to_columns)]
    return _page(question, pages.page(release, meaning.contract, found.version, args, rows, is_root=False))


def through(meaning: Meaning, found: Found, info: Any, **args: Any) -> Page | None:
    question: Question = info.context
    tie = meaning.tie
    assert tie is not None
    assert meaning.via is not None
    via = question.bind(meaning.via, found.version)
    release = question.bind(meaning.contract, found.version)
    inward, outward = tie.inward, tie.outward
    if not (via.has((*inward.columns, *outward.columns)) and release.has(outward.to_columns)):
        return None
    ties = [row for row in via.rows if _meets(row, inward.columns, found.row, inward.to_columns)]
    rows = [row for row in release.rows if any(_meets(tie, outward.columns, row, outward.to_columns) for tie in ties)]
    return _page(question, pages.page(release, meaning.contract, found.version, args, rows, is_root=False))


def _find(
    question: Question, release: Release, version: int, wanted: Mapping[str, Any], *, is_counted: bool = True
) -> Found | None:
    for row in release.rows:
        if all(value is not None and row.get(name) == value for name, value in wanted.items()):
            question.records_read += is_counted
            return Found(row, release, version)
    return None


def _meets(one: Row, columns: Iterable[str], other: Row, other_columns: Iterable[str]) -> bool:
    pairs = [(one.get(here), other.get(there)) for here, there in zip(columns, other_columns, strict=True)]
    return all(value is not None and value == wanted for value, wanted in pairs)


def _page(question: Question, found: Page) -> Page:
    question.records_read += len(found.rows)
    return found
