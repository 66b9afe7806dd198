"""Releases in the database: every statement of this folder that is not about one release's own table."""

import json
from datetime import date, datetime
from pathlib import Path

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.report import Ingested
from publicgsb.datasets.registry import DatasetState, LinkRate
from publicgsb.datasets.releases.model import ReleaseLine, Target
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.notes import notes_of
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.sql import load
from publicgsb.platform.kernel.texts import is_storable

_HERE = "publicgsb.datasets.releases"
_TARGET = load(_HERE, "sql/dataset_for_release.sql")
_LOCK = load(_HERE, "sql/dataset_lock.sql")
_UNLOCK = load(_HERE, "sql/dataset_unlock.sql")
_IS_FREE = load(_HERE, "sql/dataset_is_free.sql")
_INSERT = load(_HERE, "sql/release_insert.sql")
_ENTRY = load(_HERE, "sql/entry_insert.sql")
_TAKE_CONTRACT = load(_HERE, "sql/dataset_take_contract.sql")
_STATE = load(_HERE, "sql/dataset_state.sql")
_RELEASES = load(_HERE, "sql/releases_of.sql")
_LINK = load(_HERE, "sql/link_insert.sql")
_RETIRABLE = load(_HERE, "sql/retirable.sql")
_RETIRE = load(_HERE, "sql/retire.sql")
_DROPPABLE = load(_HERE, "sql/droppable.sql")
_DROPPED = load(_HERE, "sql/dropped.sql")


async def target(connection: Connection, agency: str, dataset: str) -> Target:
    is_name = is_storable(agency) and is_storable(dataset)
    row = await connection.fetchrow(_TARGET, agency, dataset) if is_name else None
    if row is None:
        raise NotFound(f"There is no dataset {agency}/{dataset}.", hint="`gsb dataset add` declares one.")
    return Target(
        dataset_id=row["id"],
        contract_id=row["contract_id"],
        contract=parse(json.loads(row["contract_document"])),
        is_withdrawn=row["state"] == DatasetState.WITHDRAWN,
        next_seq=row["next_seq"],
        needs_review=row["needs_review"],
    )


async def try_lock(connection: Connection, dataset_id: int) -> bool:
    """For the life of the session: a killed process lets go by dying."""
    is_ours: bool = await connection.fetchval(_LOCK, dataset_id)
    return is_ours


async def unlock(connection: Connection, dataset_id: int) -> None:
    """The server may take its time to see that a session has ended."""
    await connection.execute(_UNLOCK, dataset_id)


async def is_free(connection: Connection, dataset_id: int) -> bool:
    """Whether nobody releases it; true keeps it so until the caller's transaction ends."""
    is_idle: bool = await connection.fetchval(_IS_FREE, dataset_id)
    return is_idle


async def insert(
    connection: Connection,
    target: Target,
    table: str,
    ingested: Ingested,
    as_of: date | None,
    actor: str,
    mode: Mode,
    notes: Label | None,
) -> tuple[int, datetime]:
    changed = ingested.report.changed
    columns = [name for name in ingested.copy_columns if not name.startswith("_")]
    row = await connection.fetchrow(
        _INSERT,
        target.dataset_id,
        target.contract_id,
        target.next_seq,
        table,
        columns,
        ingested.rows,
        ingested.sha256,
        as_of,
        actor,
        json.dumps(ingested.report.as_json(), ensure_ascii=False),
        ingested.suppressed_cells,
        mode.value,
        changed.added if changed else None,
        changed.replaced if changed else None,
        notes.fa if notes else None,
        notes.en if notes else None,
    )
    assert row is not None
    return row["id"], row["published_at"]


async def set_current(connection: Connection, dataset_id: int, version: int, release_id: int | None) -> None:
    await connection.execute(_ENTRY, dataset_id, version, release_id)


async def take_contract(connection: Connection, dataset_id: int, contract_id: int) -> bool:
    """True when the schema changes by it."""
    is_changed: bool = await connection.fetchval(_TAKE_CONTRACT, dataset_id, contract_id)
    return is_changed


async def set_state(
    connection: Connection,
    dataset_id: int,
    reason: Label | None,
    *,
    actor: str | None = None,
    legal_ground: str | None = None,
) -> None:
    """Withdrawn for a reason, or active."""
    state = DatasetState.ACTIVE if reason is None else DatasetState.WITHDRAWN
    fa, en = (reason.fa, reason.en) if reason else (None, None)
    await connection.execute(_STATE, dataset_id, state.value, fa, en, actor, legal_ground)


async def releases(connection: Connection, dataset_id: int) -> list[ReleaseLine]:
    return [
        ReleaseLine(
            id=row["id"],
            seq=row["seq"],
            state=row["state"],
            contract_version=row["contract_version"],
            rows=row["row_count"],
            sha256=row["sha256"],
            as_of=row["as_of"],
            published_at=row["published_at"],
            actor=row["actor"],
            is_current=bool(row["is_current"]),
            change_kind=row["change_kind"],
            added=row["added_count"],
            replaced=row["replaced_count"],
            notes=notes_of(row["notes_fa"], row["notes_en"]),
        )
        for row in await connection.fetch(_RELEASES, dataset_id)
    ]


async def set_link_rate(
    connection: Connection, release_id: int, link: str, target_release_id: int, rate: LinkRate
) -> None:
    await connection.execute(_LINK, release_id, link, target_release_id, rate.rows, rate.matched, rate.most)


async def retirable(connection: Connection, keep_releases: int, keep_days: int) -> list[int]:
    return [row["id"] for row in await connection.fetch(_RETIRABLE, keep_releases, keep_days)]


async def retire(connection: Connection, release_ids: list[int], version: int) -> None:
    await connection.execute(_RETIRE, release_ids, version)


async def droppable(connection: Connection, grace_seconds: float) -> list[tuple[str, int | None]]:
    rows = await connection.fetch(_DROPPABLE, grace_seconds)
    return [(row["table_name"], row["release_id"]) for row in rows]


async def set_dropped(connection: Connection, release_id: int) -> str:
    """The state of the release: gone or recalled."""
    state: str = await connection.fetchval(_DROPPED, release_id)
    return state


def copy_folder(state_dir: Path) -> Path:
    """Where checked rows wait for their COPY; the file names say whose they are."""
    return state_dir / "loading"
