"""Names as they change shape: snake_case columns and slugs, camelCase fields, PascalCase types."""

import re

COLUMN = re.compile(r"[a-z][a-z0-9_]{0,47}")
SLUG = re.compile(r"[a-z][a-z0-9_]{0,47}")
API_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,62}")
RECORD_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")

# PostgreSQL keeps these for itself in every table; the last two are ours.
RESERVED_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "_row", "typename"})

# The schema makes types with these endings out of a record name, so no record may bear one.
RESERVED_ENDINGS = (
    "Connection",
    "Edge",
    "Filter",
    "Where",
    "Order",
    "OrderBy",
    "By",
    "Key",
    "Input",
    "Query",
    "Change",
    "Changes",
    "Aggregate",
    "AggregateGroup",
    "AggregateDistinct",
    "AggregateSum",
    "AggregateAverage",
    "AggregateValues",
)


def camel_case(name: str) -> str:
    """time_hour → timeHour; a PascalCase name loses its first capital: CountyTown → countyTown."""
    head, *tail = [part for part in name.split("_") if part] or [""]
    return head[:1].lower() + head[1:] + "".join(part[:1].upper() + part[1:] for part in tail)


def pascal_case(name: str) -> str:
    """time_hour → TimeHour."""
    camel = camel_case(name)
    return camel[:1].upper() + camel[1:]


def major_suffix(major: int) -> str:
    """What the names of a later major end with in GraphQL, so that it can stand beside the one before."""
    return f"V{major}" if major > 1 else ""


def base_slug(slug: str, major: int) -> str:
    """airports of airports_v2, where 2 is its major: what the suffix is put to."""
    return slug.removesuffix(f"_v{major}") or slug if major > 1 else slug


def key_name(columns: tuple[str, ...]) -> str:
    """The member of `by: {…}` for a key: (time_hour, carrier) → timeHour_carrier."""
    return "_".join(camel_case(column) for column in columns)
