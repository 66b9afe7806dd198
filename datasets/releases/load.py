"""From checked rows to the current release, in one transaction: the table, its indexes, its links and the swap.

One transaction means that a kill at any moment leaves exactly what was there before; PostgreSQL removes the rest.
"""

import logging
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeAlias

import asyncpg

from publicgsb.datasets import registry_store
from publicgsb.datasets.announcing import tell_everybody
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.neighbours import check_neighbours
from publicgsb.datasets.ingest.links import LinkFound
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.ingest.report import Ingested, Report
from publicgsb.datasets.privacy.certificates.issuing import issue, with_linkage
from publicgsb.datasets.quality import counting
from publicgsb.datasets.quality import store as quality_store
from publicgsb.datasets.quality.model import Counted
from publicgsb.datasets.registry import LinkRate, Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import cells, changes, delta, links, store, table, unmatched
from publicgsb.datasets.releases.coming import with_target
from publicgsb.datasets.releases.identifiers import released, table_name
from publicgsb.datasets.releases.indexing import build_indexes
from publicgsb.datasets.releases.model import Also, Before, Built, Examine, Progress, Released, Stage, Target
from publicgsb.datasets.releases.modes import Base, Mode
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict, Internal

PairKey: TypeAlias = tuple[int, str, int]

log = logging.getLogger(__name__)


class RowsRefusedError(Exception):
    """The database found errors in the rows; leaving the transaction by it undoes everything."""

    def __init__(self, report: Report) -> None:
        super().__init__("refused")
        self.report = report


class ExaminedError(Exception):
    """What was built has been looked at; leaving the transaction by it undoes the build."""

    def __init__(self, report: Report) -> None:
        super().__init__("examined")
        self.report = report


async def load_release(
    connection: Connection,
    target: Target,
    ingested: Ingested,
    copy_file: Path,
    *,
    as_of: date | None,
    notes: Label | None = None,
    actor: str,
    progress: Progress,
    also: Also,
    mode: Mode = Mode.FULL,
    base: Base | None = None,
    examine: Examine | None = None,
    approved_by: str | None = None,
) -> tuple[Released, registry_store.Change, Report]:
    """Run inside a transaction of a private connection that holds the dataset's lock. Raises RowsRefusedError, and
    ExaminedError once `examine` has seen what would have become current.

    The report is the file's, with what the load found to say about it.
    """
    contract, name = target.contract, table_name(target.contract.agency, target.contract.dataset, target.next_seq)

    def tell(stage: Stage) -> None:
        progress(stage, ingested.rows, 0, 0)

    # A load takes as long as it takes; the connection is private and ends with the load.
    await connection.execute("set local statement_timeout = 0")
    await connection.execute("set local maintenance_work_mem = '128MB'")
    tell(Stage.LOADING)
    await _copy(connection, target, name, ingested, copy_file, base)
    merged = await _merge(connection, contract, base, mode, name, ingested) if base else None
    if contract.is_aggregate_only:
        ingested = await cells.count_cells(connection, contract, name, ingested)
        if not ingested.report.is_releasable:
            raise RowsRefusedError(ingested.report)
    tell(Stage.INDEXING)
    errors, counts = await build_indexes(connection, contract, name)
    if errors:
        if base:
            errors = await delta.in_the_file(connection, contract, name, base, errors)
        raise RowsRefusedError(ingested.report.with_errors(errors, counts))
    await connection.execute(f"analyze {released(name)}")
    if base and merged:
        ingested = await delta.describe(connection, contract, name, ingested, mode, base, merged)
        if not ingested.report.is_releasable:
            raise RowsRefusedError(ingested.report)
    before = await changes.make_changes(connection, target.dataset_id, contract, name)
    tell(Stage.LINKING)
    registry = with_target(await load_registry(connection), target)
    told: dict[PairKey, LinkFound] = {}
    counted = await _count_links(connection, target, name, ingested, {}, registry, told)
    ingested = await with_linkage(connection, contract, name, ingested, registry)
    if examine is not None:
        ingested = replace(ingested, report=_with_links(ingested.report, counted, told))
        await examine(connection, Built(target, name, ingested, before, counted, registry))
        raise ExaminedError(ingested.report)
    quality = await counting.count_release(connection, contract, name, ingested)
    tell(Stage.SWAPPING)
    await registry_store.lock(connection)
    # Another dataset may have been swapped since; what is current is settled only under the lock.
    registry = with_target(await load_registry(connection, registry), target)
    counted = await _count_links(connection, target, name, ingested, counted, registry, told)
    ingested = replace(ingested, report=_with_links(ingested.report, counted, told))
    release, change = await _swap(
        *(connection, target, name, ingested, counted, registry, before, quality),
        as_of=as_of,
        notes=notes,
        actor=actor,
        also=also,
        mode=mode,
        base=base,
        approved_by=approved_by,
    )
    return release, change, ingested.report


async def _merge(
    connection: Connection, contract: Contract, base: Base, mode: Mode, name: str, ingested: Ingested
) -> delta.Merged:
    errors, total = await delta.refusals(connection, contract, base, mode)
    if errors:
        raise RowsRefusedError(ingested.report.with_errors(errors, {ErrorCode.PRIMARY_KEY: total}))
    return await delta.merge(connection, contract, base, name)


async def _copy(
    connection: Connection, target: Target, name: str, ingested: Ingested, copy_file: Path, base: Base | None
) -> None:
    if ingested.copy_columns != table.column_names(target.contract):
        raise Internal("The checked rows do not have the columns of their table.")
    schema = "released"
    if target.contract.is_aggregate_only:
        schema, name = "pg_temp", cells.ROWS_TABLE
        await connection.execute(cells.rows_table(target.contract))
    elif base:
        schema, name = "pg_temp", delta.DELTA_TABLE
        await connection.execute(delta.delta_table(target.contract))
    else:
        await connection.execute(table.create_table(target.contract, name))
    try:
        # FREEZE: the table is born in this transaction, so its rows need no vacuum ever after.
        await connection.copy_to_table(
            name,
            source=copy_file,
            schema_name=schema,
            columns=list(ingested.copy_columns),
            format="text",
            freeze=True,
        )
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        # The database's own words would quote the cell.
        log.error("checked rows were refused by COPY: %s", type(error).__name__)
        raise Internal("The checked rows were refused by the database.", reason="copy") from None


async def _count_links(
    connection: Connection,
    target: Target,
    name: str,
    ingested: Ingested,
    known: dict[PairKey, LinkRate],
    registry: Registry,
    told: dict[PairKey, LinkFound],
) -> dict[PairKey, LinkRate]:
    """Rates of every pair that would be current now; pairs already in `known` are not counted again.

    Links of the release itself are added to `told`.
    """
    loading = registry.dataset(target.contract.agency, target.contract.dataset)
    new = links.Side(0, name, frozenset(ingested.copy_columns))
    counted: dict[PairKey, LinkRate] = {}
    objections: list[RowError] = []
    for pair in links.pairs(registry, loading, target.contract, new):
        rate = known.get(pair.key) or await links.count(connection, pair)
        if rate is None:
            continue
        counted[pair.key] = rate
        if pair.source.release_id == 0 and pair.key not in told:
            told[pair.key] = await unmatched.look(connection, pair, rate)
        if (error := links.objection(pair, rate, loading.name, told.get(pair.key))) is not None:
            objections.append(error)
    if objections:
        raise RowsRefusedError(_with_links(ingested.report, counted, told).with_errors(objections))
    return counted


def _with_links(report: Report, counted: dict[PairKey, LinkRate], told: dict[PairKey, LinkFound]) -> Report:
    return replace(report, links=tuple(told[key] for key in counted if key in told))


async def _swap(
    connection: Connection,
    target: Target,
    name: str,
    ingested: Ingested,
    counted: dict[PairKey, LinkRate],
    registry: Registry,
    before: Before | None,
    quality: Counted,
    *,
    as_of: date | None,
    notes: Label | None,
    actor: str,
    also: Also,
    mode: Mode,
    base: Base | None,
    approved_by: str | None,
) -> tuple[Released, registry_store.Change]:
    now = await store.target(connection, target.contract.agency, target.contract.dataset)
    if now.is_withdrawn:
        raise Conflict(f"{target.contract.slug} was withdrawn while the file was being loaded.")
    current = registry.dataset(target.contract.agency, target.contract.dataset).current
    if base and (current is None or current.id != base.id):
        raise Conflict(
            f"Release {base.seq} of {target.contract.slug} is no longer the current one.",
            hint="See what is current now, and send the file again.",
            reason="base",
        )
    release_id, published_at = await store.insert(connection, target, name, ingested, as_of, actor, mode, notes)
    await quality_store.set_counted(connection, release_id, quality)
    if before is not None:
        await changes.set_changes(connection, release_id, name, before)
    certificate = await issue(connection, release_id, target, ingested, published_at, approved_by)
    for (source_id, link, target_id), rate in counted.items():
        await store.set_link_rate(connection, source_id or release_id, link, target_id or release_id, rate)
    schema_changed = await store.take_contract(connection, target.dataset_id, target.contract_id)
    if schema_changed:
        # Checked against its neighbours when it was declared; they may have changed since.
        registry = await load_registry(connection, registry)
        check_neighbours(target.contract, registry).raise_if_any(f"The contract of {target.contract.slug}")
    # A dataset has types from its first release on.
    is_first = target.next_seq == 1
    version = await registry_store.next_version(connection, schema_changed=schema_changed or is_first)
    await store.set_current(connection, target.dataset_id, version, release_id)
    await record(
        connection,
        actor,
        "dataset.release",
        target.contract.slug,
        before={"release": current.seq if current else None},
        after={
            "release": target.next_seq,
            "rows": ingested.rows,
            "sha256": ingested.sha256,
            "mode": mode.value,
            "certificate": certificate,
        },
        version=version,
    )
    told_notes = {"fa": notes.fa, "en": notes.en} if notes else None
    await tell_everybody(
        connection,
        "release.published",
        target.contract.slug,
        release=target.next_seq,
        rows=ingested.rows,
        sha256=ingested.sha256,
        changeKind=mode.value,
        contractVersion=str(target.contract.version),
        notes=told_notes,
        registryVersion=version,
    )
    if mode is Mode.CORRECTION or (before is not None and before.is_corrected):
        await tell_everybody(
            connection,
            "release.corrected",
            target.contract.slug,
            release=target.next_seq,
            sha256=ingested.sha256,
            notes=told_notes,
            registryVersion=version,
        )
    await also(connection, release_id, ingested.report)
    change = await registry_store.announce_version(connection, version)
    own = {link: rate for (source_id, link, _), rate in counted.items() if source_id == 0}
    release = Released(release_id, target.next_seq, ingested.rows, ingested.sha256, published_at, version, own, 0)
    return release, change
