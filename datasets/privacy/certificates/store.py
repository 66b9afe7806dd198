"""Certificates in the database: written once, never changed."""

from dataclasses import dataclass

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.datasets.privacy.certificates"
_INSERT = load(_HERE, "sql/insert.sql")
_SELECT = load(_HERE, "sql/select.sql")


@dataclass(frozen=True, slots=True)
class Kept:
    """`text` is the document, byte for byte as it was hashed."""

    text: str
    sha256: str


async def insert(connection: Connection, release_id: int, text: str, sha256: str) -> None:
    await connection.execute(_INSERT, release_id, text, sha256)


async def select(connection: Connection, agency: str, dataset: str, seq: int) -> Kept | None:
    """Also of releases that are gone or recalled: the paper outlives the rows."""
    row = await connection.fetchrow(_SELECT, agency, dataset, seq)
    return None if row is None else Kept(row["document"], row["sha256"])
