"""Agencies join, and declare datasets by contract."""

from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets import registry_store
from publicgsb.datasets.agencies import store
from publicgsb.datasets.agencies.closed_links import check_links_are_open
from publicgsb.datasets.announcing import tell_everybody
from publicgsb.datasets.contracts.change import refuse_unannounced_break
from publicgsb.datasets.contracts.decisions import refuse_undated
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.names import SLUG
from publicgsb.datasets.contracts.neighbours import check_neighbours
from publicgsb.datasets.registry import Agency, Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound
from publicgsb.platform.kernel.pulse import barrier

# What a GraphQL field or type of the platform itself is called, now or soon; a test compares them with the schema.
RESERVED_SLUGS = frozenset(
    {
        "agencies", "agency", "dataset", "datasets", "me", "rate_limit", "catalogue", "requests", "query",
        "mutation", "subscription", "node", "nodes", "gsb", "agency_info", "dataset_info", "field_info",
        "link_info", "licence_info", "release_info", "usage", "usage_by", "policy_standing", "page_info", "price_level",
        "text", "change_kind", "coordinates_info", "near_point", "grouping_info", "shortcut_info", "ordering_info",
        "aggregates_info", "own_grant", "deprecation_info", "tombstone_info", "withheld_info",
        "big_int", "boolean", "date", "date_time", "decimal", "float", "i_d", "id", "int", "release", "string"
    }
)  # fmt: skip
NAME_LENGTH_MAX = 200


class Declared(StrEnum):
    """What declaring a contract did."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"  # nothing was released under the former one
    NEXT = "next"  # takes effect with the next release


@dataclass(frozen=True, slots=True)
class Declaration:
    dataset_id: int
    result: Declared


async def add_agency(
    connections: Connections,
    slug: str,
    name: Label,
    actor: str,
    *,
    is_sample: bool = False,
    contact: str = "",
) -> Agency:
    """A new agency; Conflict when the slug is taken by another, the same one again is the same agency."""
    if not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise InvalidRequest(
            "An agency's slug is lower-case letters, digits and _, and not a reserved word.",
            hint="For example aviation or meteorology.",
        )
    for text in (name.fa, name.en):
        if not text.strip() or len(text) > NAME_LENGTH_MAX:
            raise InvalidRequest(f"An agency has a name in Persian and English, to {NAME_LENGTH_MAX} characters.")
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        added = await store.insert_agency(connection, slug, name, is_sample, contact)
        if added is None:
            present = await store.agency(connection, slug)
            if present is not None and (present.name, present.is_sample) == (name, is_sample):
                return present
            raise Conflict(f"There is already an agency {slug} with another name.")
        version = await registry_store.next_version(connection, schema_changed=True)
        await record(
            connection,
            actor,
            "agency.add",
            f"agency:{slug}",
            after={"name_fa": name.fa, "name_en": name.en, "sample": is_sample, "contact": contact},
        )
        change = await registry_store.announce_version(connection, version)
    await barrier(connections, change.event_seq)
    return added


async def add_dataset(connections: Connections, contract: Contract, actor: str) -> Declaration:
    """Declares the dataset, or its changed contract: additions freely, breaks only under a new major version.

    Until its first release a dataset answers by its newest contract; afterwards a change waits for the next release.
    """
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        declaration, change = await declare_in(connection, contract, actor)
    if change is not None:
        await barrier(connections, change.event_seq)
    return declaration


async def declare_in(
    connection: Connection,
    contract: Contract,
    actor: str,
    *,
    declared_by: int | None = None,
    waits: bool = False,
    known: Registry | None = None,
) -> tuple[Declaration, registry_store.Change | None]:
    """In a transaction that holds the registry's lock. `declared_by` is the person of the agency who did.

    With `waits` it takes effect with the next release even where nothing was released yet, and until then nobody but
    the agency hears of it. The lock is held for less time with a `known` registry, of whatever version.
    """
    declaration, before = await _declare(connection, contract, declared_by, waits=waits, known=known)
    if declaration.result is Declared.UNCHANGED:
        return declaration, None
    await record(
        connection,
        actor,
        "dataset.declare",
        contract.slug,
        before=_version(before) if before else None,
        after=_version(contract),
        result=declaration.result.value,
    )
    if waits:
        return declaration, None
    schema_changed = declaration.result is not Declared.NEXT
    version = await registry_store.next_version(connection, schema_changed=schema_changed)
    await tell_everybody(
        connection,
        "contract.changed",
        contract.slug,
        contractVersion=str(contract.version),
        result=declaration.result.value,
        registryVersion=version,
    )
    return declaration, await registry_store.announce_version(connection, version)


def _version(contract: Contract) -> dict[str, str]:
    return {"version": contract.version, "sha256": contract.sha256}


async def _declare(
    connection: Connection, contract: Contract, declared_by: int | None, *, waits: bool, known: Registry | None
) -> tuple[Declaration, Contract | None]:
    """What came of it, and the contract declared before."""
    agency = await store.agency(connection, contract.agency)
    if agency is None:
        raise NotFound(f"There is no agency {contract.agency}.", hint="`gsb agency add` adds it.")
    found = await store.dataset(connection, agency.id, contract.dataset)
    dataset_id, present, is_released = found or (0, None, False)
    if present is not None and present.sha256 == contract.sha256:
        return Declaration(dataset_id, Declared.UNCHANGED), present
    registry = await load_registry(connection, known)
    neighbours = check_neighbours(contract, registry)
    if declared_by is not None:
        check_links_are_open(contract, present, registry, neighbours)
    try:
        refuse_undated(contract)
        entry = registry.datasets.get((contract.agency, contract.dataset))
        if is_released and entry is not None:
            refuse_unannounced_break(entry.contract, contract)
    except InvalidRequest as refusal:
        refusal.details["problems"] = neighbours.told()  # what is wrong besides is told in the same answer
        raise
    neighbours.raise_if_any(f"The contract of {contract.slug}")
    if found is None:
        dataset_id = await store.insert_dataset(connection, agency.id, contract.dataset)
    contract_id = await store.insert_contract(connection, dataset_id, contract, declared_by)
    await store.declare(connection, dataset_id, contract_id, waits=is_released or waits)
    if found is None:
        return Declaration(dataset_id, Declared.CREATED), present
    return Declaration(dataset_id, Declared.NEXT if is_released or waits else Declared.REPLACED), present


async def list_agencies(connections: Connections) -> list[Agency]:
    async with connections.use() as connection:
        return await store.agencies(connection)
