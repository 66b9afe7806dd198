"""Announcing that a contract will break: the next major beside the old one, and those who use the old one told.

Nothing is taken from anybody by an announcement: the next major is a dataset of its own, and the old one is deprecated
in its favour. What cannot be had without notice is the end of the old one.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from publicgsb.datasets import registry_store
from publicgsb.datasets.agencies import store as agencies
from publicgsb.datasets.announcing import tell_everybody
from publicgsb.datasets.contracts.majors import as_next_major
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.neighbours import check_neighbours
from publicgsb.datasets.notices import store
from publicgsb.datasets.notices.guard import Break, break_of
from publicgsb.datasets.notices.model import Announced, Standing, Terms, User, UsersOf
from publicgsb.datasets.notices.telling import Told, tell_users
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.releases.deprecating import check_reason, set_deprecation
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, DatasetWithdrawn, InvalidRequest, NotPermitted
from publicgsb.platform.kernel.pulse import barrier


async def announce(
    connections: Connections,
    agency: str,
    dataset: str,
    actor: str,
    users_of: UsersOf,
    *,
    terms: Terms | None = None,
    sunset_on: date | None = None,
    reason: Label | None = None,
    person_id: int | None = None,
) -> Announced:
    """The declared contract becomes a dataset of its own, and the one it breaks is answered until `sunset_on`.

    `person_id` is who of the agency does it, None an operator. Conflict where nothing that breaks is declared, or it
    was announced already; InvalidRequest (`notice_period`) for a last day that is sooner than the terms allow;
    NotPermitted (`own_contract`) where releases are reviewed and the contract is that person's own.
    """
    terms = terms or Terms()
    earliest_on, last_day = _days(terms, sunset_on)
    async with connections.use() as connection:  # nobody waits for the registry while usage is looked through
        seen = await standing(connection, agency, dataset, users_of)
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        registry = await load_registry(connection)
        entry, found = await breaking(connection, registry, agency, dataset, seen)
        _refuse_own(found, person_id)
        why = reason or _why(found.new)
        check_reason(why)
        contract = as_next_major(found.old, found.new)
        successor_id = await _declare(connection, registry, entry, contract, found.declared_by)
        await store.drop_next_contract(connection, entry.id)
        await set_deprecation(connection, entry.id, last_day, successor_id, why)
        notice_id = await store.insert(
            *(connection, entry.id, successor_id, found.old.major, found.breaks, found.touched, actor),
            *(earliest_on, terms.days_min, person_id, found.declared_by if found.needs_review else None),
        )
        version = await registry_store.next_version(connection, schema_changed=True)
        await record(
            connection,
            actor,
            "contract.announce",
            entry.name,
            before={"version": found.old.version, "sunset": None},
            after={"version": found.new.version, "successor": contract.slug, "sunset": last_day.isoformat()},
            reason=why.en,
            breaks=list(found.breaks),
        )
        told = told_of(entry, found, contract.slug, last_day)
        await tell_users(connection, told, seen.users, notice_id)
        await tell_everybody(
            connection,
            "dataset.deprecated",
            entry.name,
            sunsetOn=last_day.isoformat(),
            successor=contract.slug,
            reason={"fa": why.fa, "en": why.en},
            registryVersion=version,
        )
        change = await registry_store.announce_version(connection, version)
    done = announced_of(registry, entry, told, seen.users)
    return await everywhere(connections, change, done)


async def standing(connection: Connection, agency: str, dataset: str, users_of: UsersOf) -> Standing:
    """Names applications, so it is for the agency whose dataset it is and for operators alone."""
    entry = (await load_registry(connection)).dataset(agency, dataset)
    target = await releases.target(connection, agency, dataset)
    found, notice = await break_of(connection, target), await store.open_notice(connection, entry.id)
    touched = notice.touched if notice else found.touched if found else ()
    is_other = target.contract.sha256 != entry.contract.sha256
    return Standing(
        dataset=entry.name,
        served=entry.contract.version,
        declared=target.contract.version if is_other else None,
        is_breaking=found is not None,
        breaks=notice.breaks if notice else found.breaks if found else (),
        touched=touched,
        would_be=found.next_name if found else None,
        notice=notice,
        users=tuple(await users_of(connection, entry.id, entry.contract.major, touched)),
    )


async def breaking(
    connection: Connection, registry: Registry, agency: str, dataset: str, seen: Standing
) -> tuple[DatasetEntry, Break]:
    """What is declared and held back; Conflict when it is not what was seen a moment ago."""
    entry = registry.dataset(agency, dataset)
    if entry.tombstone is not None:
        raise DatasetWithdrawn(f"{entry.name} is withdrawn.")
    found = await break_of(connection, await releases.target(connection, agency, dataset))
    successor = found.successor if found else seen.notice.successor if seen.notice else None
    if successor is not None:
        raise Conflict(
            f"{successor} was announced in the place of {entry.name} already.",
            hint=f"Release there; `gsb dataset deprecate {entry.name}` postpones the end of the old one.",
            reason="announced",
        )
    if found is None:
        raise Conflict(
            f"No contract of {entry.name} is declared that breaks anything.",
            hint="`gsb dataset add` declares one; what breaks nothing needs no announcement.",
            reason="nothing_breaks",
        )
    if found.touched != seen.touched:
        raise Conflict(f"Another contract of {entry.name} was declared meanwhile.", reason="changed")
    return entry, found


async def _declare(
    connection: Connection, registry: Registry, entry: DatasetEntry, contract: Contract, declared_by: int | None
) -> int:
    """The id of the new dataset."""
    agency_id = entry.agency.id
    if await agencies.dataset(connection, agency_id, contract.dataset) is not None:
        raise Conflict(
            f"There is a dataset {contract.slug} already.",
            hint=f"Raise `version` to {contract.major + 1}.0.0.",
            reason="name_taken",
        )
    check_neighbours(contract, registry).raise_if_any(f"The contract of {contract.slug}")
    dataset_id = await agencies.insert_dataset(connection, agency_id, contract.dataset)
    contract_id = await agencies.insert_contract(connection, dataset_id, contract, declared_by)
    await agencies.declare(connection, dataset_id, contract_id, waits=False)
    return dataset_id


def told_of(entry: DatasetEntry, found: Break, successor: str | None, sunset_on: date | None) -> Told:
    return Told(
        *(entry.name, found.old.version, found.new.version, successor, sunset_on),
        *(found.breaks, found.touched),
    )


def announced_of(registry: Registry, entry: DatasetEntry, told: Told, users: tuple[User, ...]) -> Announced:
    """Before anybody was waited for."""
    return Announced(
        *(told.dataset, told.successor, told.next_version, told.sunset_on, told.breaks, told.touched, users),
        *(linked_from(registry, entry), 0, 0),
    )


def linked_from(registry: Registry, entry: DatasetEntry) -> tuple[str, ...]:
    """The datasets whose links lead to it: their agencies have something to change as well."""
    target = (entry.agency.slug, entry.slug)
    return tuple(
        sorted(
            one.name
            for one in registry.datasets.values()
            if one is not entry and any(link.target == target for link in one.contract.links)
        )
    )


async def everywhere(connections: Connections, change: registry_store.Change, done: Announced) -> Announced:
    """Once every live process answers so, or has been waited for."""
    reached = await barrier(connections, change.event_seq)
    return replace(done, workers=reached.workers, workers_behind=reached.behind)


def _days(terms: Terms, sunset_on: date | None) -> tuple[date, date]:
    """The earliest last day, and the last day."""
    today = datetime.now(UTC).date()
    earliest_on = today + timedelta(days=terms.days_min)
    last_day = sunset_on or today + timedelta(days=terms.days)
    if last_day < earliest_on:
        raise InvalidRequest(
            f"Callers have {terms.days_min} days at least: the last day is {earliest_on} or later.",
            hint="An operator may shorten it afterwards: `gsb contract override`.",
            reason="notice_period",
            earliest_on=earliest_on.isoformat(),
        )
    return earliest_on, last_day


def _refuse_own(found: Break, person_id: int | None) -> None:
    """An announcement shows everybody a contract of which no release was approved: a second person's act, like that."""
    if found.needs_review and person_id is not None and found.declared_by == person_id:
        raise NotPermitted(
            "Nobody announces a contract that they declared, where releases are reviewed.",
            reason="own_contract",
            hint="A colleague of the agency announces it, with a key of their own.",
        )


def _why(new: Contract) -> Label:
    return Label(f"قرارداد {new.version} جای آن را می‌گیرد", f"Contract {new.version} takes its place")
