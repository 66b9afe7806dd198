"""What a file is to the release before it, and which release it may be put on top of."""

import dataclasses
import json
from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.contracts.hidden import hidden_columns
from publicgsb.datasets.contracts.model import Category, Contract, Field, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest
from publicgsb.platform.kernel.sql import load

_BASE = load("publicgsb.datasets.releases", "sql/base_release.sql")
_NOWHERE = Label("", "")


class Mode(StrEnum):
    """All but FULL make the new release of the current one and the rows of the file."""

    FULL = "full"  # the file is the whole dataset
    APPEND = "append"  # every row is new; a key that is there already is an error
    UPSERT = "upsert"  # a row replaces the one of its key, or is added
    CORRECTION = "correction"  # a row replaces the one of its key, which must be there


@dataclass(frozen=True, slots=True)
class Base:
    """The release that a file of changes is put on top of."""

    id: int
    seq: int
    table: str


def read_mode(word: str | None) -> Mode:
    """Raises InvalidRequest for a word that is no mode; nothing said is FULL."""
    try:
        return Mode(word or Mode.FULL)
    except ValueError:
        raise InvalidRequest(
            f"mode must be one of {', '.join(Mode)}.",
            hint="Leave it out when the file is the whole dataset.",
            reason="mode",
        ) from None


async def find_base(connection: Connection, dataset_id: int, contract: Contract, mode: Mode) -> Base | None:
    """None for a whole file. Raises before a row is read when the mode is not possible."""
    if mode is Mode.FULL:
        return None
    if contract.is_aggregate_only:
        raise InvalidRequest(
            f"The rows of {contract.slug} are not kept, only cells of them.",
            hint="Send the whole file.",
            reason="mode",
        )
    if mode is not Mode.APPEND and not contract.primary_key:
        raise InvalidRequest(
            f"{contract.slug} has no primaryKey by which rows could be replaced.",
            hint="Send the whole file, or declare a key.",
            reason="mode",
        )
    row = await connection.fetchrow(_BASE, dataset_id)
    if row is None or row["id"] is None:
        raise Conflict(
            f"{contract.slug} has no current release to build on.", hint="Send the whole file first.", reason="no_base"
        )
    if _row_rules(parse(json.loads(row["contract_document"]))) != _row_rules(contract):
        raise Conflict(
            f"The contract of {contract.slug} reads rows otherwise than that of release {row['seq']}.",
            hint="The first release under a new contract is a whole file.",
            reason="contract",
        )
    return Base(row["id"], row["seq"], row["table_name"])


def _row_rules(contract: Contract) -> tuple[object, ...]:
    """All of a contract that decides what a row becomes; words and indexes do not."""
    fields = tuple(_rules(field) for field in contract.released_fields)
    return (contract.primary_key, fields, hidden_columns(contract))


def _rules(field: Field) -> Field:
    return dataclasses.replace(
        field,
        label=_NOWHERE,
        description=None,
        unit=None,
        filters=frozenset(),
        access=None,
        legal_ground=None,
        categories=tuple(Category(category.value) for category in field.categories),
    )
