"""Epochs and windows in PostgreSQL. Takes a connection, never a pool, and never commits."""

from collections.abc import Sequence
from dataclasses import dataclass

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.epochs.in_redis import Entry
from publicgsb.quotas.epochs.tally import Seed
from publicgsb.quotas.epochs.words import SLOT_TTL_MS, Shape, Slots

_HERE = "publicgsb.quotas.epochs"
_WINDOW_GRANT = load(_HERE, "sql/window_grant.sql")
_EPOCHS_NOW = load(_HERE, "sql/epochs_now.sql")
_EPOCHS_BEGIN = load(_HERE, "sql/epochs_begin.sql")
_EPOCHS_OPEN = load(_HERE, "sql/epochs_open.sql")
_SEEDS_ADD = load(_HERE, "sql/seeds_add.sql")
_SEEDS_OF = load(_HERE, "sql/seeds_of.sql")
_SEEDS_FORGET = load(_HERE, "sql/seeds_forget.sql")
_UNITS_OF = load(_HERE, "sql/units_of.sql")
_UNITS_CLEAR = load(_HERE, "sql/units_clear.sql")
_UNITS_FILL = load(_HERE, "sql/units_fill.sql")
_WORKERS_SILENT = load(_HERE, "sql/workers_silent.sql")


@dataclass(frozen=True, slots=True)
class Epoch:
    """`server` None: PostgreSQL holds the data of this epoch."""

    organisation_id: int
    number: int
    server: str | None
    is_open: bool


async def window_grant(
    connection: Connection,
    organisation_id: int,
    epoch: int,
    shape: Shape,
    worker: str,
    *,
    want: int,
    minimum: int,
    slots: Slots,
    given_back: Sequence[tuple[int, int]],
) -> list[int]:
    """The reply of grant.lua, by this server."""
    windows = shape.windows
    reply: list[int] = await connection.fetchval(
        _WINDOW_GRANT, organisation_id, epoch, want, minimum,
        [one.key for one in windows], [one.limit for one in windows],
        [one.width_ms for one in windows], [one.parts for one in windows],
        shape.slots_key, shape.slot_limit, worker, slots.running, slots.want, slots.minimum, SLOT_TTL_MS,
        [moment for moment, _ in given_back], [units for _, units in given_back],
    )  # fmt: skip
    return reply


async def epochs_now(connection: Connection, organisation_ids: Sequence[int]) -> list[Epoch]:
    rows = await connection.fetch(_EPOCHS_NOW, organisation_ids)
    return [Epoch(row["organisation_id"], row["epoch"], row["server"], row["is_open"]) for row in rows]


async def epochs_begin(
    connection: Connection,
    boot_id: BootId,
    server: str | None,
    expected: dict[int, int],
    bad: set[int],
    *,
    is_return: bool,
    at_least: int,
) -> dict[int, int]:
    """The new epoch of each organisation whose epoch was the expected one (0: none yet); an open one only if bad."""
    rows = await connection.fetch(
        _EPOCHS_BEGIN, boot_id, server, list(expected), list(expected.values()), is_return, at_least,
        [one in bad for one in expected],
    )  # fmt: skip
    return {row["organisation_id"]: row["epoch"] for row in rows}


async def epochs_open(connection: Connection, epochs: dict[int, int]) -> dict[int, int]:
    rows = await connection.fetch(_EPOCHS_OPEN, list(epochs), list(epochs.values()))
    return {row["organisation_id"]: row["epoch"] for row in rows}


async def seeds_add(connection: Connection, worker: str, told: Sequence[tuple[int, int, Seed]]) -> None:
    """`told`: organisation, epoch and what was admitted."""
    await connection.execute(
        _SEEDS_ADD,
        worker,
        [organisation_id for organisation_id, _, _ in told],
        [epoch for _, epoch, _ in told],
        [seed.key for _, _, seed in told],
        [seed.width_ms for _, _, seed in told],
        [seed.age_ms for _, _, seed in told],
        [seed.units for _, _, seed in told],
    )


async def seeds_forget(connection: Connection) -> None:
    await connection.execute(_SEEDS_FORGET)


async def entries(connection: Connection, organisation_id: int, epoch: int, *, are_from_windows: bool) -> list[Entry]:
    """What the epoch begins with: the windows of here, or what workers told."""
    arguments = (organisation_id,) if are_from_windows else (organisation_id, epoch)
    rows = await connection.fetch(_UNITS_OF if are_from_windows else _SEEDS_OF, *arguments)
    return [Entry(row["key"], row["width_ms"], row["age_ms"], row["units"], row["worker"]) for row in rows]


async def units_clear(connection: Connection, organisation_ids: Sequence[int]) -> None:
    await connection.execute(_UNITS_CLEAR, organisation_ids)


async def units_fill(connection: Connection, epochs: dict[int, int]) -> None:
    await connection.execute(_UNITS_FILL, list(epochs), list(epochs.values()), SLOT_TTL_MS)


async def workers_silent(connection: Connection, seq: int, seconds: float) -> int:
    silent: int = await connection.fetchval(_WORKERS_SILENT, seq, seconds)
    return silent
