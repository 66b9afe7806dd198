"""How a dataset's contract stands, in the database."""

import json

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.declaring.model import Standing
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_STANDING = load("publicgsb.datasets.declaring", "sql/standing.sql")


async def standing(connection: Connection, agency_id: int, dataset: str) -> Standing:
    row = await connection.fetchrow(_STANDING, agency_id, dataset)
    assert row is not None
    return Standing(
        dataset_id=row["dataset_id"],
        declared=_contract(row["declared"]),
        served=_contract(row["served"]),
        is_released=row["is_released"],
        needs_review=row["needs_review"],
        unreleased=row["unreleased"],
    )


def _contract(document: str | None) -> Contract | None:
    return parse(json.loads(document)) if document else None
