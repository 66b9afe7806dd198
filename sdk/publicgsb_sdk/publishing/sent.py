"""What goes to the service: where to, as what, and under which key it is done once."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from publicgsb_sdk.errors import InvalidRequest
from publicgsb_sdk.query import dataset_id
from publicgsb_sdk.wire import an_object

File: TypeAlias = str | PathLike[str]
ContractLike: TypeAlias = str | Path | Mapping[str, Any]

FILES: Mapping[str, str] = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/x-ndjson",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
    ".zip": "application/zip",
}
CONTRACTS: Mapping[str, str] = {
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".json": "application/json",
}
NAMED = re.compile(r"^(agency|dataset):\s*[\"']?([a-z][a-z0-9_]*)[\"']?\s*(?:#.*)?$", re.MULTILINE)
KEY = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class ContractBody:
    """A contract as the body of a request, and the dataset that it names, where that could be read."""

    media_type: str
    content: bytes
    dataset: str | None


def media_type(path: Path) -> str:
    """By the ending of its name; what a file really is, the service finds in its bytes."""
    found = FILES.get(path.suffix.lower())
    if found is None:
        raise InvalidRequest(f"{path.name} has none of the endings {' '.join(FILES)}.", details={"reason": "ending"})
    return found


def contract_body(contract: ContractLike) -> ContractBody:
    """Of a file in YAML or JSON, or of the document itself."""
    if isinstance(contract, Mapping):
        text = json.dumps(contract, ensure_ascii=False, allow_nan=False)
        return ContractBody("application/json", text.encode(), _named(dict(contract)))
    path = Path(contract)
    kind = CONTRACTS.get(path.suffix.lower())
    if kind is None:
        raise InvalidRequest(f"A contract's file ends with {', '.join(CONTRACTS)}.", details={"reason": "ending"})
    content = read(path)
    if kind == "application/json":
        try:
            return ContractBody(kind, content, _named(json.loads(content)))
        except ValueError:
            return ContractBody(kind, content, None)  # the service says what is wrong with it, and where
    return ContractBody(kind, content, _named(dict(NAMED.findall(content.decode(errors="replace")))))


def read(path: Path) -> bytes:
    """A small file whole."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> InvalidRequest:
    """The error of this package for one of the machine."""
    return InvalidRequest(f"{path} cannot be read: {error.strerror}.", details={"reason": "file"})


def dataset_path(name: str) -> str:
    """`roads.signs` as the routes have it."""
    agency, dataset = dataset_id(name).split("/")
    return f"/api/v1/agencies/{agency}/datasets/{dataset}"


def one(kind: str, identifier: str) -> str:
    """The address of one thing, whatever its id was taken from."""
    return f"/api/v1/{kind}/{quote(identifier, safe='')}"


def with_query(path: str, given: Mapping[str, Any]) -> str:
    """A path with what is given of its query."""
    asked = {name: value for name, value in given.items() if value not in (None, (), [])}
    return f"{path}?{urlencode(asked, doseq=True)}" if asked else path


def notes_wish(notes: Mapping[str, str] | None) -> dict[str, str]:
    """The notes of a release as the service takes them; it says what is wrong with their words."""
    if notes is None:
        return {}
    if set(notes) != {"fa", "en"}:
        raise InvalidRequest(
            "The notes of a release are in Persian and in English.",
            hint='notes={"fa": "…", "en": "…"}, at a terminal --notes-fa and --notes-en.',
            details={"reason": "notes"},
        )
    return {"notesFa": notes["fa"], "notesEn": notes["en"]}


def once(route: str, sha256: str, given: str | None) -> str:
    """The idempotency key: the given one, or one of the bytes and of all that is wished for them."""
    if given is None:
        own = hashlib.sha256(f"{route}\n{sha256}".encode())
        return f"pgsb-{own.hexdigest()[:40]}"
    if not KEY.fullmatch(given):
        raise InvalidRequest(
            "An idempotency key has 1 to 128 printable characters of ASCII, and no space.",
            details={"reason": "idempotency_key"},
        )
    return given


def _named(document: Any) -> str | None:
    found = an_object(document) or {}
    agency, dataset = found.get("agency"), found.get("dataset")
    return f"{agency}/{dataset}" if agency and dataset else None
