"""Rows of every type of a contract, as a program has them and as the service writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from publicgsb_sdk.key import checksum

URL = "https://gsb.test"
BODY = "gsbl_" + "k" * 40
KEY = BODY + checksum(BODY)

TYPES = {
    "code": "string",
    "runway_count": "integer",
    "passengers": "bigint",
    "latitude": "number",
    "fee": "decimal",
    "is_open": "boolean",
    "opened_on": "date",
    "seen_at": "datetime",
}
PERSIAN = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی‌ ۰۱۲"
TEXT = st.one_of(
    st.from_regex(r"0[0-9]{1,9}", fullmatch=True),  # a number to whoever guesses
    st.text(PERSIAN, max_size=12),
    st.sampled_from(["", "NA", "null", "None", "true", "1e5", "2026-01-02", "NaN", "-0", "ي", "ك"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
)
AIRPORT = st.fixed_dictionaries(
    {
        "code": st.none() | TEXT,
        "runway_count": st.none() | st.integers(-(2**31), 2**31 - 1),
        "passengers": st.none() | st.integers(-(2**63), 2**63 - 1),
        "latitude": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "fee": st.none()
        | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**30), max_value=10**30),
        "is_open": st.none() | st.booleans(),
        "opened_on": st.none() | st.dates(),
        "seen_at": st.none() | st.datetimes(timezones=st.just(UTC)),
    }
)


def contract_of(rows: int) -> dict[str, Any]:
    """The dataset that has such rows."""
    fields: list[dict[str, Any]] = [
        {"name": name, "apiName": name, "type": kind, "filters": []} for name, kind in TYPES.items()
    ]
    fields[4] |= {"unit": "IRR", "label": {"fa": "عوارض", "en": "Fee"}}
    return {
        "agency": "aviation",
        "dataset": "airports",
        "contract": {
            "version": "1.0.0",
            "recordName": "Airport",
            "listName": "airports",
            "access": "open",
            "fields": fields,
        },
        "release": {"seq": 3, "rows": rows, "sha256": "ab", "asOf": None, "publishedAt": "2026-11-01T10:00:00+00:00"},
    }


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the service writes it: large and exact numbers as text, days and moments in ISO 8601."""
    return {name: _wire(TYPES[name], value) for name, value in row.items()}


def page(nodes: list[dict[str, Any]], **extensions: Any) -> dict[str, Any]:
    """The only page of such rows."""
    found = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    return {"data": {"aviation": {"airports": found}}, "extensions": extensions}


def _wire(kind: str, value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if kind == "bigint" and value is not None else value
