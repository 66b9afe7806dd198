"""Agencies, and the datasets that they declare, in the database."""

import json

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.registry import Agency
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.agencies"
_AGENCY_INSERT = load(_HERE, "sql/agency_insert.sql")
_AGENCY = load(_HERE, "sql/agency_by_slug.sql")
_AGENCIES = load(_HERE, "sql/agencies.sql")
_DATASET = load(_HERE, "sql/dataset_by_slug.sql")
_DATASET_INSERT = load(_HERE, "sql/dataset_insert.sql")
_CONTRACT_INSERT = load(_HERE, "sql/contract_insert.sql")
_DECLARE = load(_HERE, "sql/dataset_declare.sql")


async def insert_agency(connection: Connection, slug: str, name: Label, is_sample: bool, contact: str) -> Agency | None:
    """None when the slug is taken."""
    id_ = await connection.fetchval(_AGENCY_INSERT, slug, name.fa, name.en, is_sample, contact)
    return None if id_ is None else Agency(id_, slug, name, is_sample, contact)


async def agency(connection: Connection, slug: str) -> Agency | None:
    row = await connection.fetchrow(_AGENCY, slug)
    if row is None:
        return None
    name = Label(row["name_fa"], row["name_en"])
    return Agency(row["id"], row["slug"], name, row["is_sample"], row["contact"])


async def agencies(connection: Connection) -> list[Agency]:
    return [
        Agency(row["id"], row["slug"], Label(row["name_fa"], row["name_en"]), row["is_sample"], row["contact"])
        for row in await connection.fetch(_AGENCIES)
    ]


async def dataset(connection: Connection, agency_id: int, slug: str) -> tuple[int, Contract | None, bool] | None:
    """Its id, its newest declared contract, and whether it was ever released."""
    row = await connection.fetchrow(_DATASET, agency_id, slug)
    if row is None:
        return None
    contract = parse(json.loads(row["document"])) if row["document"] else None
    return row["id"], contract, row["is_released"]


async def insert_dataset(connection: Connection, agency_id: int, slug: str) -> int:
    id_: int = await connection.fetchval(_DATASET_INSERT, agency_id, slug)
    return id_


async def insert_contract(
    connection: Connection, dataset_id: int, contract: Contract, declared_by: int | None = None
) -> int:
    """`declared_by` is a person of the agency; None: an operator."""
    document = json.dumps(render(contract), ensure_ascii=False)
    id_: int = await connection.fetchval(
        _CONTRACT_INSERT, dataset_id, contract.version, contract.sha256, document, declared_by
    )
    return id_


async def declare(connection: Connection, dataset_id: int, contract_id: int, *, waits: bool) -> None:
    """It takes effect now, or, if it waits, with the next release."""
    await connection.execute(_DECLARE, dataset_id, contract_id, waits)
