"""The use cases around a release: make one, take the dataset back, go back to an earlier one, list them.

Each returns after the pulse's barrier, that is once every live process answers from the new state.
"""

import asyncio
import secrets
from dataclasses import replace
from datetime import date
from pathlib import Path

from publicgsb.datasets import registry_store
from publicgsb.datasets.announcing import tell_everybody
from publicgsb.datasets.contracts.model import AccessLevel, Contract, Label
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.ingest.report import Ingested, Report
from publicgsb.datasets.ingest.service import ingest
from publicgsb.datasets.notices.guard import refuse_unannounced
from publicgsb.datasets.notices.model import UsersOf
from publicgsb.datasets.registry import DatasetEntry, DatasetState
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import linking, store
from publicgsb.datasets.releases.load import ExaminedError, RowsRefusedError, load_release
from publicgsb.datasets.releases.model import (
    Also,
    Examine,
    Outcome,
    Progress,
    Released,
    ReleaseLine,
    Stage,
    Swapped,
    Target,
)
from publicgsb.datasets.releases.modes import Base, Mode, find_base
from publicgsb.datasets.releases.session import private, refuse_withdrawn, releasing
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, NotPermitted, Withheld
from publicgsb.platform.kernel.pulse import barrier

_TRIED_FROM = 10**12  # numbers that no release has, for the names of tables that are undone


def _silent(stage: Stage, rows: int, bytes_read: int, bytes_total: int) -> None:
    pass


async def _nothing_more(connection: Connection, release_id: int, report: Report) -> None:
    pass


async def release_file(
    connections: Connections,
    state_dir: Path,
    agency: str,
    dataset: str,
    path: Path,
    actor: str,
    *,
    as_of: date | None = None,
    notes: Label | None = None,
    mode: Mode = Mode.FULL,
    limits: Limits | None = None,
    progress: Progress = _silent,
    also: Also = _nothing_more,
    examine: Examine | None = None,
    approved_by: str | None = None,
    users_of: UsersOf | None = None,
) -> Outcome:
    """Check the file and make the current release of it, or of it and the release before; an error changes nothing.

    With `examine` everything up to the swap happens and is undone. `approved_by` is who reviewed the file, by name, and
    stands in the release's certificate.
    NotPermitted (`review_required`) where the agency has its releases reviewed and this is none that was approved;
    Conflict (`breaking_not_announced`) where its contract breaks what callers use, whom `users_of` counts.

    Only for the command line's own process and the jobs process: reading takes a whole core.
    """
    async with releasing(connections, agency, dataset) as (connection, target):
        _refuse_withheld(target.contract)
        if target.needs_review and approved_by is None and examine is None:
            raise NotPermitted(
                f"What {agency} releases is reviewed first.",
                reason="review_required",
                hint=f"`gsb release submit {agency}/{dataset} FILE` hands it in.",
            )
        if examine is None:
            await refuse_unannounced(connection, target, users_of)
        base = await find_base(connection, target.dataset_id, target.contract, mode)
        copy_file = _copy_file(state_dir, target.dataset_id)
        try:
            ingested = await _read(
                target.contract, path, copy_file, limits or Limits(), progress, is_part=base is not None
            )
            if not ingested.report.is_releasable:
                return Outcome(None, ingested.report)
            release, change, report = await _load(
                *(connection, target, ingested, copy_file, as_of, actor, progress, also, mode, base, examine),
                *(approved_by, notes),
            )
        except (RowsRefusedError, ExaminedError) as ended:
            return Outcome(None, ended.report)
        finally:
            copy_file.unlink(missing_ok=True)
    reached = await barrier(connections, change.event_seq)
    progress(Stage.DONE, ingested.rows, 0, 0)
    return Outcome(replace(release, workers_behind=reached.behind), report)


async def try_file(
    connections: Connections,
    state_dir: Path,
    agency: str,
    dataset: str,
    path: Path,
    *,
    contract: Contract | None = None,
    mode: Mode = Mode.FULL,
    limits: Limits | None = None,
    examine: Examine,
) -> Report:
    """What releasing the file would come to: the release is built, looked at and undone.

    Under a `contract` that need not be declared, or the one of the next release. No right to release is taken, because
    the table has a name of its own: whoever releases meanwhile need not wait.
    """
    async with private(connections) as connection:
        target = await _tried(connection, agency, dataset, contract)
        _refuse_withheld(target.contract)
        base = await find_base(connection, target.dataset_id, target.contract, mode)
        copy_file = _copy_file(state_dir, target.dataset_id)
        try:
            ingested = await _read(
                target.contract, path, copy_file, limits or Limits(), _silent, is_part=base is not None
            )
            if ingested.report.is_releasable:
                await _load(
                    *(connection, target, ingested, copy_file, None, "", _silent, _nothing_more, mode, base, examine),
                    None,
                )
            return ingested.report
        except (RowsRefusedError, ExaminedError) as ended:
            return ended.report
        finally:
            copy_file.unlink(missing_ok=True)


async def _tried(connection: Connection, agency: str, dataset: str, contract: Contract | None) -> Target:
    number = _TRIED_FROM + secrets.randbelow(_TRIED_FROM)
    try:
        target = await store.target(connection, agency, dataset)
    except NotFound:
        if contract is None:
            raise
        return Target(0, 0, contract, is_withdrawn=False, next_seq=number)
    refuse_withdrawn(target)
    return replace(target, contract=contract or target.contract, next_seq=number)


async def validate_file(
    contract: Contract,
    state_dir: Path,
    path: Path,
    *,
    limits: Limits | None = None,
    progress: Progress = _silent,
    connections: Connections | None = None,
    unlinked: Label = linking.NO_DATABASE,
) -> Report:
    """What releasing the file would say of its rows, and with `connections` of its keys and links.

    Without, the report says `unlinked` of a contract that has any.
    """
    copy_file = _copy_file(state_dir, 0)
    try:
        ingested = await _read(contract, path, copy_file, limits or Limits(), progress)
        if connections is None or not linking.needs_database(contract):
            return linking.unlinked(ingested.report, contract, unlinked)
        if not ingested.report.is_releasable:
            return linking.unlinked(ingested.report, contract, linking.NO_ROWS)
        progress(Stage.LINKING, ingested.rows, 0, 0)
        return await linking.with_keys_and_links(connections, contract, ingested, copy_file)
    finally:
        copy_file.unlink(missing_ok=True)


def _refuse_withheld(contract: Contract) -> None:
    if contract.access is AccessLevel.WITHHELD:
        raise Withheld(
            f"{contract.slug} is declared withheld.", hint="Change its access in a new version of the contract."
        )


def _copy_file(state_dir: Path, dataset_id: int) -> Path:
    """Rows that are not yet released are nobody else's to read: the folder is 0700, the file made 0600."""
    folder = store.copy_folder(state_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{dataset_id}-{secrets.token_hex(8)}.copy"
    path.touch(mode=0o600)
    return path


async def _read(
    contract: Contract, path: Path, copy_file: Path, limits: Limits, progress: Progress, *, is_part: bool = False
) -> Ingested:
    """In a thread, so that leases and signals are still served; the reader stops when we are cancelled."""
    is_cancelled = False

    def told(rows: int, bytes_read: int, bytes_total: int) -> None:
        if is_cancelled:
            raise asyncio.CancelledError
        progress(Stage.READING, rows, bytes_read, bytes_total)

    try:
        return await asyncio.to_thread(ingest, contract, path, copy_file, limits=limits, progress=told, is_part=is_part)
    except asyncio.CancelledError:
        is_cancelled = True
        raise


async def _load(
    connection: Connection,
    target: Target,
    ingested: Ingested,
    copy_file: Path,
    as_of: date | None,
    actor: str,
    progress: Progress,
    also: Also,
    mode: Mode,
    base: Base | None,
    examine: Examine | None,
    approved_by: str | None,
    notes: Label | None = None,
) -> tuple[Released, registry_store.Change, Report]:
    async with connection.transaction():
        return await load_release(
            *(connection, target, ingested, copy_file),
            as_of=as_of,
            notes=notes,
            actor=actor,
            progress=progress,
            also=also,
            mode=mode,
            base=base,
            examine=examine,
            approved_by=approved_by,
        )


async def withdraw(
    connections: Connections,
    agency: str,
    dataset: str,
    reason: Label,
    actor: str,
    *,
    legal_ground: str | None = None,
) -> Swapped:
    """From now on every process answers DATASET_WITHDRAWN with this reason; the catalogue keeps when, by whom and on
    which ground.
    """
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        entry = (await load_registry(connection)).dataset(agency, dataset)
        target = await store.target(connection, agency, dataset)
        if target.is_withdrawn:
            raise Conflict(f"{entry.name} is already withdrawn.")
        change = await withdraw_in(connection, entry, reason, actor, legal_ground=legal_ground)
    return await _everywhere(connections, change)


async def withdraw_in(
    connection: Connection,
    entry: DatasetEntry,
    reason: Label,
    actor: str,
    *,
    legal_ground: str | None = None,
    decided_by: str | None = None,
) -> registry_store.Change:
    """The last step of a transaction that holds the registry's lock; `actor` carries out what `decided_by` decided."""
    await store.set_state(connection, entry.id, reason, actor=decided_by or actor, legal_ground=legal_ground)
    version = await registry_store.next_version(connection, schema_changed=False)
    await store.set_current(connection, entry.id, version, None)
    await record(
        connection,
        actor,
        "dataset.withdraw",
        entry.name,
        before={"state": entry.state.value, "release": _seq(entry)},
        after={"state": DatasetState.WITHDRAWN.value, "release": None},
        reason=reason.en,
        reason_fa=reason.fa,
        legal_ground=legal_ground,
    )
    why = {"fa": reason.fa, "en": reason.en}
    successor = entry.deprecation.successor if entry.deprecation else None
    await tell_everybody(
        connection,
        "dataset.withdrawn",
        entry.name,
        reason=why,
        legalGround=legal_ground,
        successor=successor,
        registryVersion=version,
    )
    return await registry_store.announce_version(connection, version)


async def rollback(connections: Connections, agency: str, dataset: str, seq: int, actor: str) -> Swapped:
    """An earlier release becomes current again; a withdrawn dataset comes back by it."""
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        entry = (await load_registry(connection)).dataset(agency, dataset)
        release = entry.readable(entry.release(seq))
        if entry.current is not None and entry.current.seq == seq:
            raise Conflict(f"Release {seq} of {entry.name} is the current one.")
        await store.set_state(connection, entry.id, None)
        version = await registry_store.next_version(connection, schema_changed=False)
        await store.set_current(connection, entry.id, version, release.id)
        await record(
            connection,
            actor,
            "dataset.rollback",
            entry.name,
            before={"state": entry.state.value, "release": _seq(entry)},
            after={"state": DatasetState.ACTIVE.value, "release": seq},
        )
        await tell_everybody(
            connection, "release.rolled_back", entry.name, release=seq, before=_seq(entry), registryVersion=version
        )
        change = await registry_store.announce_version(connection, version)
    return await _everywhere(connections, change)


async def list_releases(connections: Connections, agency: str, dataset: str) -> list[ReleaseLine]:
    """Newest first, those past retention too."""
    async with connections.use() as connection:
        target = await store.target(connection, agency, dataset)
        return await store.releases(connection, target.dataset_id)


def _seq(entry: DatasetEntry) -> int | None:
    return entry.current.seq if entry.current else None


async def _everywhere(connections: Connections, change: registry_store.Change) -> Swapped:
    reached = await barrier(connections, change.event_seq)
    return Swapped(change.version, reached.workers, reached.behind, reached.took_ms)
