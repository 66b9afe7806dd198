"""A world of 1,400 released datasets × 20 fields, each linked to the next: a chain of links from the first to the last.

Filled straight into the tables of the registry, as 1,400 releases by the pipeline would leave them; the rows are few.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from publicgsb.datasets import registry_store
from publicgsb.datasets.agencies import store as agencies
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry, ReleaseRef
from publicgsb.datasets.releases import table
from publicgsb.datasets.releases.identifiers import released, table_name
from publicgsb.platform.kernel.database import Connection, Connections

DATASETS = 1_400
PER_AGENCY = 28
ROWS = 10
_PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)

_LABEL = {"fa": "ستون", "en": "Column"}
_RELEASE = """
insert into gsb.release (dataset_id, contract_id, seq, table_name, columns, row_count, sha256, actor, report)
values ($1::bigint, $2::bigint, 1, $3::text, $4::text[], $5::bigint, md5($3::text), 'bench', '{}')
returning id
"""


def slug_of(number: int) -> tuple[str, str]:
    return f"agency{number // PER_AGENCY:02d}", f"dataset{number:04d}"


def document(number: int, datasets: int, *, minor: int = 0) -> dict[str, Any]:
    """The contract of a dataset; each `minor` version has one field more."""
    agency, slug = slug_of(number)
    following = slug_of((number + 1) % datasets)
    fields: list[dict[str, Any]] = [_field("code", "string", ["eq", "in"], required=True)]
    fields += [_field(f"text{n}", "string", ["eq", "startsWith"] if n < 2 else []) for n in range(8)]
    fields += [_field(f"count{n}", "integer", ["range"] if n < 1 else []) for n in range(5)]
    fields += [_field(f"amount{n}", "number", []) for n in range(3)]
    fields += [_field("day", "date", ["range"]), _field("is_valid", "boolean", [])]
    fields += [_field("next_code", "string", ["eq"])]
    fields += [_field(f"more{n}", "string", []) for n in range(minor)]
    links = [
        {"name": "following", "fields": ["next_code"], "to": "/".join(following), "toFields": ["code"],
         "reverse": "preceding", "label": {"fa": "پسین", "en": "Following"}},
    ] if number + 1 < datasets else []  # fmt: skip
    return {
        "agency": agency, "dataset": slug, "version": f"1.{minor}.0", "recordName": f"Record{number:04d}",
        "title": {"fa": f"مجموعه‌دادهٔ {number}", "en": f"Dataset {number}"},
        "description": {"fa": "ساخته برای سنجش.", "en": "Made for the bench."},
        "access": "open", "licence": "CC0-1.0", "attribution": "Made by the bench",
        "source": {"name": "Made by the bench", "year": 2026}, "theme": "science", "cadence": "irregular",
        "contact": "bench@publicgsb.example", "primaryKey": ["code"], "orderings": ["text0"],
        "fields": fields, "links": links,
    }  # fmt: skip


def _field(name: str, type_: str, filters: list[str], *, required: bool = False) -> dict[str, Any]:
    constraints = {"constraints": {"required": True}} if required else {}
    return {"name": name, "type": type_, "label": _LABEL, "filters": filters} | constraints


async def fill(connections: Connections, datasets: int = DATASETS) -> None:
    """In one transaction; the registry is at version 1 afterwards."""
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        version = await registry_store.next_version(connection, schema_changed=True)
        agency_ids: dict[str, int] = {}
        for number in range(datasets):
            contract = parse(document(number, datasets))
            if contract.agency not in agency_ids:
                name = Label(f"دستگاه {contract.agency}", f"Agency {contract.agency}")
                added = await agencies.insert_agency(connection, contract.agency, name, False, "")
                assert added is not None
                agency_ids[contract.agency] = added.id
            await _release(connection, contract, agency_ids[contract.agency], version)
        await registry_store.announce_version(connection, version)


async def _release(connection: Connection, contract: Contract, agency_id: int, version: int) -> None:
    dataset_id = await agencies.insert_dataset(connection, agency_id, contract.dataset)
    contract_id = await agencies.insert_contract(connection, dataset_id, contract)
    await agencies.declare(connection, dataset_id, contract_id, waits=False)
    name = table_name(contract.agency, contract.dataset, 1)
    await connection.execute(
        f"""{table.create_table(contract, name)};
        insert into {released(name)} select {_values(contract)} from generate_series(1, {ROWS}) as n;
        {table.row_index(name)};
        {table.key_index(name, contract.primary_key)}"""
    )
    columns = [field.name for field in contract.released_fields]
    release_id = await connection.fetchval(_RELEASE, dataset_id, contract_id, name, columns, ROWS)
    await connection.execute(
        "insert into gsb.registry_entry (dataset_id, version, release_id) values ($1, $2, $3)",
        dataset_id, version, release_id,
    )  # fmt: skip


def _values(contract: Contract) -> str:
    """One SQL expression per column of the copy file."""
    by_type: Mapping[str, str] = {
        "string": "'value ' || n", "integer": "n", "number": "n / 4.0",
        "date": "date '2026-01-01' + n", "boolean": "true",
    }  # fmt: skip
    named = {"code": "'C' || n", "next_code": "'C' || n"}
    found = [named.get(field.name, by_type[field.type.value]) for field in contract.released_fields]
    return ", ".join([*found, "n"])


def rows(number: int, datasets: int, *, minor: int) -> str:
    """A file of the dataset for `gsb dataset release`."""
    names = [field["name"] for field in document(number, datasets, minor=minor)["fields"]]
    cells = {"code": "C{n}", "next_code": "C{n}", "day": "2026-01-0{d}", "is_valid": "true"}
    lines = [",".join(names)]
    for n in range(1, ROWS + 1):
        row = [cells.get(name, "{n}" if name.startswith(("count", "amount")) else "value {n}") for name in names]
        lines.append(",".join(cell.format(n=n, d=1 + n % 9) for cell in row))
    return "\n".join(lines) + "\n"


def registry(datasets: int) -> Registry:
    """The same world without a database, as `load_registry` would read it."""
    agencies_by_slug: dict[str, Agency] = {}
    entries: dict[tuple[str, str], DatasetEntry] = {}
    for number in range(datasets):
        contract = parse(document(number, datasets))
        agency = agencies_by_slug.setdefault(
            contract.agency,
            Agency(len(agencies_by_slug) + 1, contract.agency, Label("دستگاه", contract.agency), False, ""),
        )
        columns = frozenset(field.name for field in contract.released_fields)
        name = table_name(contract.agency, contract.dataset, 1)
        release = ReleaseRef(
            number + 1,
            number + 1,
            1,
            contract,
            name,
            columns,
            ROWS,
            contract.sha256,
            None,
            datetime(2026, 1, 1, tzinfo=UTC),
        )
        entries[contract.agency, contract.dataset] = DatasetEntry(
            number + 1, agency, contract.dataset, contract, DatasetState.ACTIVE, None, release,
            ((1, release),), {1: release}, frozenset(), frozenset(), {},
        )  # fmt: skip
    return Registry(version=1, schema_version=1, agencies=agencies_by_slug, datasets=entries)
