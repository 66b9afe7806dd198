"""Recalling a release: from the moment that the call says "everywhere", no process reads it for anybody.

It beats everything: what names it (a number, a date, a cursor, a change feed, a file, a tag, a kept answer) is bound to
the registry first, and the registry no longer has it. The hot path knows nothing of recalls.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from publicgsb.datasets import registry_store
from publicgsb.datasets.announcing import tell_everybody
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import store
from publicgsb.datasets.releases.identifiers import released
from publicgsb.datasets.releases.recall_journal import RecallLine, note
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound, TimedOut, Unavailable
from publicgsb.platform.kernel.pulse import Barrier, barrier
from publicgsb.platform.kernel.sql import load
from publicgsb.platform.kernel.texts import is_storable

REASON_LENGTH_MAX = 2_000
DROP_TRIES = 3

_HERE = "publicgsb.datasets.releases"
_FIND = load(_HERE, "sql/release_for_recall.sql")
_RECALL = load(_HERE, "sql/recall.sql")
_INSERT = load(_HERE, "sql/recall_insert.sql")
_BUILT_ON = load(_HERE, "sql/built_on.sql")
_CHANGES = load(_HERE, "sql/change_tables_of.sql")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who has read a release, as far as it is known: copies that they hold cannot be recalled."""

    organisations: int = 0
    applications: int = 0
    requests: int = 0
    bytes: int = 0
    anonymous_bytes: int = 0  # of files that nobody's key asked for: whose copies they are is not known


# By the release's id; quotas and apikeys answer, by way of the platform.
ReachOf: TypeAlias = Callable[[Connection, int], Awaitable[Reach]]


async def unknown_reach(connection: Connection, release_id: int) -> Reach:
    return Reach()


@dataclass(frozen=True, slots=True)
class Recalled:
    dataset: str
    seq: int
    sha256: str
    reason: Label
    version: int  # the registry version from which on nobody reads it
    current: int | None  # what is current instead
    still_in: tuple[int, ...]  # readable releases that were made on top of it, so that they hold its rows too
    workers: int
    workers_open: int  # 0: no process serves it
    took_ms: int
    is_dropped: bool
    is_new: bool  # False: it had been recalled before, and this call only waited
    reach: Reach | None = None  # None: not known at this moment


@dataclass(frozen=True, slots=True)
class _Step:
    release_id: int
    version: int
    event_seq: int
    sha256: str
    reason: Label
    actor: str  # who recalled it first
    current: int | None
    still_in: tuple[int, ...]
    is_new: bool


async def recall(
    connections: Connections,
    agency: str,
    dataset: str,
    seq: int,
    reason: Label,
    actor: str,
    *,
    reach_of: ReachOf = unknown_reach,
    journal: Path | None = None,
) -> Recalled:
    """Take release `seq` back from everybody, for good; repeated, it waits again and changes nothing.

    If it was the current one, the newest release before it that can be read is current in the same transaction, or the
    dataset has none. Its table is dropped as soon as no process reads it; its row and its hash stay. `journal` is the
    file by which a restore knows of it.
    """
    _check(reason)
    async with connections.transaction() as connection:
        step = await _recalled(connection, agency, dataset, seq, reason, actor)
    if journal is not None:  # also when repeated: the first time, the process may have ended just before
        note(journal, RecallLine(agency, dataset, seq, step.sha256, step.reason.fa, step.reason.en, step.actor))
    reached = await _everywhere(connections, step.event_seq)
    is_dropped = reached.is_everywhere and await _drop(connections, step.release_id, actor)
    reach = await _reach(connections, reach_of, step.release_id)
    return Recalled(
        dataset=f"{agency}/{dataset}",
        seq=seq,
        sha256=step.sha256,
        reason=step.reason,
        version=step.version,
        current=step.current,
        still_in=step.still_in,
        workers=reached.workers,
        workers_open=reached.behind,
        took_ms=reached.took_ms,
        is_dropped=is_dropped,
        is_new=step.is_new,
        reach=reach,
    )


async def _recalled(connection: Connection, agency: str, dataset: str, seq: int, reason: Label, actor: str) -> _Step:
    await registry_store.lock(connection)
    entry = (await load_registry(connection)).dataset(agency, dataset)
    row = await connection.fetchrow(_FIND, entry.id, seq)
    if row is None:
        raise NotFound(f"{entry.name} has no release {seq}.", hint=entry.readable_told)
    current = entry.current.seq if entry.current else None
    still_in = tuple(one["seq"] for one in await connection.fetch(_BUILT_ON, entry.id, row["id"]))
    if row["version"] is not None:
        told = Label(row["reason_fa"], row["reason_en"])
        return _Step(
            *(row["id"], row["version"], row["event_seq"], row["sha256"], told, row["actor"], current, still_in),
            is_new=False,
        )
    version = await registry_store.next_version(connection, schema_changed=False)
    await connection.execute(_RECALL, row["id"], version)
    if current == seq:
        before = _before(entry, seq)
        await store.set_current(connection, entry.id, version, before.id if before else None)
        current = before.seq if before else None
    await record(
        connection,
        actor,
        "release.recall",
        entry.name,
        before={"release": seq, "state": row["state"], "current": entry.current.seq if entry.current else None},
        after={"release": seq, "state": "recalled", "current": current, "sha256": row["sha256"]},
        reason=reason.en,
        reason_fa=reason.fa,
    )
    await tell_everybody(
        connection,
        "release.recalled",
        entry.name,
        release=seq,
        sha256=row["sha256"],
        reason={"fa": reason.fa, "en": reason.en},
        current=current,
        registryVersion=version,
    )
    change = await registry_store.announce_version(connection, version)
    await connection.execute(_INSERT, row["id"], actor, reason.fa, reason.en, version, change.event_seq)
    return _Step(row["id"], version, change.event_seq, row["sha256"], reason, actor, current, still_in, is_new=True)


async def recall_again(connections: Connections, lines: Iterable[RecallLine]) -> int:
    """After a restore and before anybody serves: what was recalled is recalled in what the backup brought back, too.

    A release that is another by now (another hash) is none of them. Returns how many were.
    """
    done = 0
    for line in lines:
        async with connections.transaction() as connection:
            await registry_store.lock(connection)
            entry = (await load_registry(connection)).datasets.get((line.agency, line.dataset))
            row = await connection.fetchrow(_FIND, entry.id, line.seq) if entry is not None else None
            if row is None or row["sha256"] != line.sha256 or row["version"] is not None:
                continue
            reason = Label(line.reason_fa, line.reason_en)
            step = await _recalled(connection, line.agency, line.dataset, line.seq, reason, line.actor)
        await _drop(connections, step.release_id, line.actor)
        done += 1
    return done


def _before(entry: DatasetEntry, seq: int) -> ReleaseRef | None:
    """The newest release before it that answers by the contract in effect."""
    earlier = (one for one in entry.releases.values() if one.seq < seq and one.contract.major == entry.contract.major)
    return max(earlier, key=lambda one: one.seq, default=None)


async def _reach(connections: Connections, reach_of: ReachOf, release_id: int) -> Reach | None:
    """Counting may take long where there is much usage; the recall does not fail by it."""
    try:
        async with connections.use() as connection:
            return await reach_of(connection, release_id)
    except (Unavailable, TimedOut) as away:
        log.warning("how many copies of a recalled release are out is not known: %s", away.code)
        return None


async def _everywhere(connections: Connections, event_seq: int) -> Barrier:
    """It is committed: a database that goes away now does not undo it, but nobody can be counted as told."""
    try:
        return await barrier(connections, event_seq)
    except (Unavailable, TimedOut) as away:
        log.warning("how far the recall has got is not known: %s", away.code)
        return Barrier(workers=0, behind=1, took_ms=0)


async def _drop(connections: Connections, release_id: int, actor: str) -> bool:
    """Its table, and what tells how it differed from others. A reader under way is not waited for: the sweep comes."""
    for _ in range(DROP_TRIES):
        try:
            async with connections.transaction() as connection:
                await connection.execute("set local lock_timeout = '500ms'")
                return await _dropped(connection, release_id, actor)
        except Unavailable as held:
            if held.details.get("reason") != "lock":
                log.warning("the table of a recalled release stays for now: %s", held.code)
                return False
    return False


async def _dropped(connection: Connection, release_id: int, actor: str) -> bool:
    row = await connection.fetchrow(
        "select table_name, dropped_at is null as stands from gsb.release where id = $1 for update", release_id
    )
    assert row is not None
    changes = [one["changes_table"] for one in await connection.fetch(_CHANGES, release_id)]
    for table in (row["table_name"], *changes):
        await connection.execute(f"drop table if exists {released(table)}")
    if row["stands"]:
        await store.set_dropped(connection, release_id)
        before, after = {"table": row["table_name"]}, {"table": None}
        subject = f"release:{release_id}"
        await record(connection, actor, "release.drop", subject, before=before, after=after, reason="recalled")
    return True


def _check(reason: Label) -> None:
    for text in (reason.fa, reason.en):
        if not text.strip() or len(text) > REASON_LENGTH_MAX or not is_storable(text):
            raise InvalidRequest(
                f"A recall has a reason in Persian and English, to {REASON_LENGTH_MAX} characters.", reason="reason"
            )
