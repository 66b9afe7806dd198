"""An agency's slug becomes a field and a type, so it may be none that the platform has."""

import re

from publicgsb.datasets.agencies.service import RESERVED_SLUGS
from publicgsb.schema.types.connections import PAGE_INFO
from publicgsb.schema.types.graft import static_schema
from publicgsb.schema.types.scalars import RELEASE, SCALARS


def slug(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_every_name_of_the_static_schema_is_reserved() -> None:
    core = static_schema()._schema
    assert core.query_type is not None
    types = {name for name in core.type_map if not name.startswith("__")}
    types |= {PAGE_INFO.name, RELEASE.name, *(scalar.name for scalar in SCALARS.values())}
    names = {slug(name) for name in (*types, *core.query_type.fields)}
    assert names - RESERVED_SLUGS == set()
