"""The files of a release: CSV, and Parquet where pyarrow is there."""

import csv
import hashlib
import io
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from publicgsb_sdk import tables
from publicgsb_sdk.arrow import type_of
from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.testing.model import Column, MockContract
from publicgsb_sdk.testing.state import PLACE, Release
from publicgsb_sdk.testing.values import written

WHOLE_CSV = "data.csv"
MEDIA_TYPES = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv; charset=utf-8; header=present"}


@dataclass(frozen=True, slots=True)
class File:
    """One file, whole."""

    format: str
    name: str
    rows: int
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.format]


def files_of(release: Release) -> list[File]:
    """In one part each: a mock has few rows."""
    columns, rows = _columns(release.contract), len(release.rows)
    found = [File("csv", "part-00001.csv", rows, as_csv(release))]
    if find_spec("pyarrow") is not None:
        found.append(File("parquet", "part-00001.parquet", rows, _as_parquet(release, columns)))
    return found


def as_csv(release: Release) -> bytes:
    """As the service writes it: an empty text in quotes, nothing for no value."""
    out = io.StringIO()
    columns = _columns(release.contract)
    out.write(",".join(one.name for one in columns) + "\r\n")
    for row in release.rows:
        out.write(",".join(_cell(row.get(one.name)) for one in columns) + "\r\n")
    return out.getvalue().encode()


def manifest(release: Release, base: str) -> dict[str, Any]:
    """`/api/v1/agencies/…/releases/{release}/files`."""
    contract = release.contract
    folder = f"{base}/files/{contract.id}/{release.seq}"
    whole = as_csv(release)
    parts = [
        {
            "format": one.format,
            "part": 1,
            "name": one.name,
            "mediaType": one.media_type,
            "rows": one.rows,
            "bytes": len(one.content),
            "sha256": one.sha256,
            "url": f"{folder}/{one.name}",
        }
        for one in files_of(release)
    ]
    return {
        "dataset": contract.id,
        "release": release.seq,
        "rows": len(release.rows),
        "contractVersion": contract.version,
        "publishedAt": release.published_at.isoformat(),
        "state": "made",
        "expiresAt": None,
        "parts": parts,
        "csv": {
            "mediaType": MEDIA_TYPES["csv"],
            "rows": len(release.rows),
            "bytes": len(whole),
            "sha256": hashlib.sha256(whole).hexdigest(),
            "url": f"{folder}/{WHOLE_CSV}",
        },
        "dataPackage": None,
    }


def _columns(contract: MockContract) -> list[Column]:
    """What is in the files, which hold no more than everybody may have who may have the file."""
    levels = {"open"} if contract.access == "open" else {"open", "registered", contract.access}
    return [one for one in contract.columns if one.access in levels]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if value == "":
        return '""'
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([written(value)])
    return out.getvalue()


def _as_parquet(release: Release, columns: list[Column]) -> bytes:
    pa: Any = import_module("pyarrow")
    pq: Any = import_module("pyarrow.parquet")
    key = release.contract.primary_key or (PLACE,)
    rows = sorted(release.rows, key=lambda row: tuple(row[one] for one in key))
    arrays: dict[str, Any] = {one.name: _array(pa, one, [row.get(one.name) for row in rows]) for one in columns}
    out = io.BytesIO()
    pq.write_table(pa.table(arrays), out)
    return out.getvalue()


def _array(pa: Any, column: Column, values: list[Any]) -> Any:
    """A decimal of more digits than Arrow has is text, exact."""
    if column.type is not FieldType.DECIMAL:
        return pa.array(values, type_of(pa, column.type))
    places = tables.places(one if isinstance(one, Decimal) else None for one in values)
    if places.is_narrow:
        return pa.array(values, type_of(pa, column.type, places.scale))
    return pa.array([None if one is None else written(one) for one in values], pa.string())
