"""Quality in the database: what a release counted, and which addresses answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from publicgsb.datasets.quality.model import Answered, Counted
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.quality"
_COUNTED_SET = load(_HERE, "sql/counted_set.sql")
_ANSWERED_SET = load(_HERE, "sql/answered_set.sql")
_ANSWERED = load(_HERE, "sql/answered.sql")
_DUE = load(_HERE, "sql/due.sql")
_UNCOUNTED = load(_HERE, "sql/uncounted.sql")


@dataclass(frozen=True, slots=True)
class Uncounted:
    """`rows_read` and `normalisations` are those of its report."""

    release_id: int
    agency: str
    dataset: str
    rows_read: int
    normalisations: Mapping[str, int]


async def set_counted(connection: Connection, release_id: int, counted: Counted) -> None:
    await connection.execute(_COUNTED_SET, release_id, json.dumps(counted.as_json()))


async def set_answered(
    connection: Connection, dataset_id: int, release_id: int, access: int | None, files: Mapping[str, int | None]
) -> None:
    await connection.execute(_ANSWERED_SET, dataset_id, release_id, access, json.dumps(dict(files)))


async def answered(connection: Connection) -> dict[int, Answered]:
    """By dataset."""
    return {
        row["dataset_id"]: Answered(
            row["release_id"], row["access_status"], json.loads(row["file_statuses"]), row["asked_at"]
        )
        for row in await connection.fetch(_ANSWERED)
    }


async def due(connection: Connection, most: int) -> list[tuple[str, str]]:
    """Datasets whose addresses are to be asked, as agency and slug."""
    return [(row["agency"], row["slug"]) for row in await connection.fetch(_DUE, most)]


async def uncounted(connection: Connection, most: int) -> list[Uncounted]:
    found = []
    for row in await connection.fetch(_UNCOUNTED, most):
        report = json.loads(row["report"])
        found.append(Uncounted(row["id"], row["agency"], row["dataset"], report["rowsRead"], report["normalisations"]))
    return found
