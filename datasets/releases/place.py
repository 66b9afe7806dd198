"""Where a record is, as PostgreSQL's own `point`: one expression for the index and for the query that must meet it.

Core GiST knows boxes of the plane, which is enough to find candidates; distances are computed in schema/sql/near.py.
"""

from publicgsb.datasets.contracts.model import Coordinates
from publicgsb.datasets.releases.identifiers import quote


def degrees_sql(column: str, alias: str = "") -> str:
    """The column as float8, of the table that `alias` names; without one, as an index wants it."""
    return f"({alias}.{quote(column)})::float8" if alias else f"({quote(column)})::float8"


def point_sql(coordinates: Coordinates, alias: str = "") -> str:
    return f"point({degrees_sql(coordinates.lon, alias)}, {degrees_sql(coordinates.lat, alias)})"
