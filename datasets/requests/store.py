"""Data requests in the database. Takes a connection, never a pool, and never commits."""

import json
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from publicgsb.datasets.requests.model import DataRequest, State, Step
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.requests"
_SELECT = load(_HERE, "sql/requests.sql")
_INSERT = load(_HERE, "sql/request_insert.sql")
_LOCK = load(_HERE, "sql/request_lock.sql")
_MOVE = load(_HERE, "sql/request_move.sql")
_REMOVE = load(_HERE, "sql/request_remove.sql")
_MESSAGES_REMOVE = load(_HERE, "sql/messages_remove.sql")
_STEP_INSERT = load(_HERE, "sql/step_insert.sql")
_RUN_OUT = load(_HERE, "sql/run_out.sql")
_SET_NO_ANSWER = load(_HERE, "sql/set_no_answer.sql")
_COUNTED_OTHERWISE = load(_HERE, "sql/counted_otherwise.sql")
_SET_DEADLINE = load(_HERE, "sql/set_deadline.sql")
_TO_REMIND = load(_HERE, "sql/to_remind.sql")
_CONTACTS_FORGET = load(_HERE, "sql/contacts_forget.sql")
_FIGURES = load(_HERE, "sql/figures.sql")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests; None leaves a filter out."""

    agency: str | None = None
    dataset: str | None = None  # slug, with the agency
    states: tuple[State, ...] | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A request and the end of its clock. `state` is the stored one; None where nobody asked for it."""

    id: int
    agency_id: int
    agency: str
    due_at: datetime
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one agency. `answered` is released, partly released or not held; `late` came after the end of the clock."""

    agency: str
    asked: int
    running: int
    answered: int
    refused: int
    refused_without_ground: int
    no_answer: int
    late: int
    median_working_days: float | None  # of first answers and refusals


async def insert(
    connection: Connection,
    agency_id: int,
    dataset_id: int | None,
    title: str,
    text: str,
    contact: str | None,
    asked_at: datetime,
    due_at: datetime,
    calendar: str,
) -> int:
    number: int = await connection.fetchval(
        _INSERT, agency_id, dataset_id, title, text, contact, asked_at, due_at, calendar
    )
    return number


async def by_id(connection: Connection, number: int, now: datetime) -> DataRequest | None:
    row = await connection.fetchrow(_SELECT, number, None, None, None, now, None, 1)
    return None if row is None else _request(row)


async def locked(connection: Connection, number: int, now: datetime) -> DataRequest | None:
    """Read after nobody else can decide on it any more, until the transaction ends."""
    await connection.execute(_LOCK, number)
    return await by_id(connection, number, now)


async def listed(connection: Connection, wanted: Wanted, now: datetime, most: int) -> list[DataRequest]:
    states = [state.value for state in wanted.states] if wanted.states is not None else None
    rows = await connection.fetch(_SELECT, None, wanted.agency, wanted.dataset, states, now, wanted.before, most)
    return [_request(row) for row in rows]


async def move(connection: Connection, number: int, step: Step, dataset_id: int | None, days: int | None) -> None:
    """`days` are the working days that a first answer took."""
    await connection.execute(_MOVE, number, step.state.value, step.at, days)
    await add_step(connection, number, step, dataset_id)


async def add_step(connection: Connection, number: int, step: Step, dataset_id: int | None = None) -> None:
    await connection.execute(
        _STEP_INSERT, number, step.state.value, step.at, step.by, step.legal_ground, step.message, dataset_id
    )


async def remove(connection: Connection, number: int, now: datetime) -> None:
    await connection.execute(_REMOVE, number, now)
    await connection.execute(_MESSAGES_REMOVE, number)


async def run_out(connection: Connection, now: datetime, most: int) -> list[Due]:
    rows = await connection.fetch(_RUN_OUT, now, most)
    return [Due(row["id"], row["agency_id"], row["agency"], row["due_at"], State(row["state"])) for row in rows]


async def set_no_answer(connection: Connection, due: Due) -> None:
    await connection.execute(_SET_NO_ANSWER, due.id)
    await add_step(connection, due.id, Step(State.NO_ANSWER, due.due_at, "clock"))


async def counted_otherwise(
    connection: Connection, now: datetime, calendar: str, most: int
) -> list[tuple[int, datetime, datetime]]:
    """Number, moment of asking and end of the clock of what runs by another calendar."""
    rows = await connection.fetch(_COUNTED_OTHERWISE, now, calendar, most)
    return [(row["id"], row["asked_at"], row["due_at"]) for row in rows]


async def set_deadline(connection: Connection, number: int, due_at: datetime, calendar: str) -> None:
    await connection.execute(_SET_DEADLINE, number, due_at, calendar)


async def take_to_remind(connection: Connection, now: datetime, until: datetime) -> list[Due]:
    return [Due(**row) for row in await connection.fetch(_TO_REMIND, now, until)]


async def forget_contacts(connection: Connection, before: datetime) -> None:
    await connection.execute(_CONTACTS_FORGET, before)


async def figures(connection: Connection, agency: str | None, now: datetime) -> list[Figures]:
    return [Figures(**row) for row in await connection.fetch(_FIGURES, agency, now)]


def _request(row: asyncpg.Record) -> DataRequest:
    return DataRequest(
        id=row["id"],
        agency_id=row["agency_id"],
        agency=row["agency"],
        dataset=row["dataset"],
        title=row["title"],
        text=row["body"],
        stored=State(row["state"]),
        asked_at=row["asked_at"],
        due_at=row["due_at"],
        calendar=row["calendar"],
        answered_at=row["answered_at"],
        answered_working_days=row["answered_working_days"],
        changed_at=row["changed_at"],
        steps=tuple(
            Step(**{**told, "state": State(told["state"]), "at": datetime.fromisoformat(told["at"])})
            for told in json.loads(row["steps"])
        ),
        contact=row["contact"],
    )
