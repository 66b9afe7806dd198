"""The descriptor that lies beside a release's files: Data Package, so that other tools read types, keys and terms."""

from typing import Any

from publicgsb.datasets.contracts.model import Contract, Field, FieldType, Licence
from publicgsb.datasets.exports.manifest import WHOLE_CSV
from publicgsb.datasets.exports.model import FileFormat, Made
from publicgsb.datasets.files import FileColumn, file_columns
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef

_TYPES = {FieldType.BIGINT: "integer", FieldType.DECIMAL: "number"}


def data_package(entry: DatasetEntry, release: ReleaseRef, made: Made) -> dict[str, Any]:
    """The CSV as a resource with its schema, and the Parquet parts; paths are relative to the descriptor's own."""
    contract = release.contract
    return _without_empty(
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": f"{entry.agency.slug}.{entry.slug}",
            "id": f"{entry.name}@{release.seq}",
            "title": contract.title.en,
            "description": contract.description.en,
            "version": f"{contract.version}+{release.seq}",
            "created": release.published_at.isoformat(),
            "licenses": [_licence(contract.licence)],
            "sources": [_without_empty({"title": contract.source.name, "path": contract.source.url})],
            "contributors": [{"title": entry.agency.name.en, "roles": ["publisher"]}],
            "resources": [_csv(entry, release, made), *_parquet(entry, made)],
        }
    )


def _csv(entry: DatasetEntry, release: ReleaseRef, made: Made) -> dict[str, Any]:
    return {
        "name": entry.slug,
        "type": "table",
        "path": WHOLE_CSV,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": made.csv.bytes,
        "hash": f"sha256:{made.csv.sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": _schema(release),
    }


def _parquet(entry: DatasetEntry, made: Made) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{entry.slug}-parquet-{part.number}",
            "path": part.name,
            "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
            "bytes": part.bytes,
            "hash": f"sha256:{part.sha256}",
        }
        for part in made.of(FileFormat.PARQUET)
    ]


def _schema(release: ReleaseRef) -> dict[str, Any]:
    columns = file_columns(release)
    return _without_empty(
        {
            "fields": [_field(column) for column in columns],
            "missingValues": [""],
            "primaryKey": _primary_key(release.contract, columns),
        }
    )


def _primary_key(contract: Contract, columns: tuple[FileColumn, ...]) -> list[str]:
    held = {column.name for column in columns}
    return list(contract.primary_key) if held.issuperset(contract.primary_key) else []


def _field(column: FileColumn) -> dict[str, Any]:
    members: dict[str, Any] = {"name": column.name, "type": _TYPES.get(column.type, column.type.value)}
    if column.field is None:
        return members
    return members | _words(column.field)


def _words(field: Field) -> dict[str, Any]:
    """Of the constraints only that a value is required: the others are of the cells that the agency handed in."""
    return _without_empty(
        {
            "title": field.label.en,
            "description": field.description.en if field.description else None,
            "unit": field.unit,
            "constraints": {"required": True} if field.required else None,
        }
    )


def _licence(licence: Licence) -> dict[str, Any]:
    """`text`, beyond the standard's members: terms that have no address are told in their words."""
    return _without_empty({"name": licence.name, "path": licence.url, "title": licence.title, "text": licence.text})


def _without_empty(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}
