"""Which columns a listing has, by the names and types of the contract."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from publicgsb_sdk.cli.output import Column, value_at
from publicgsb_sdk.contract import Contract, Field, FieldType
from publicgsb_sdk.errors import InvalidRequest

NUMBERS = (FieldType.INTEGER, FieldType.BIGINT, FieldType.NUMBER, FieldType.DECIMAL)


def selected(texts: Iterable[str]) -> list[str]:
    """`a,b` and repeated options as one list."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def fields_of(names: Sequence[str], contract: Contract, contract_of: Callable[[str], Contract]) -> dict[str, Field]:
    """The dotted names that rows will have, with their fields; without names, those that a query asks for by itself."""
    if not names:
        return {field.name: field for field in contract.default_fields}
    return dict(_field(name.split("."), contract, contract_of) for name in names)


def columns_of(fields: dict[str, Field]) -> list[Column]:
    """Numbers stand at the right."""
    return [Column(name, field.type in NUMBERS) for name, field in fields.items()]


def exact(fields: dict[str, Field], rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Whole numbers of 64 bits as text, as the service writes them: programs that read JSON round them."""
    large = [name.split(".") for name, field in fields.items() if field.type is FieldType.BIGINT]
    for row in rows:
        for path in large:
            inner = row if len(path) == 1 else value_at(row, ".".join(path[:-1]))
            if inner is not None and isinstance(inner.get(path[-1]), int):
                inner[path[-1]] = str(inner[path[-1]])
        yield row


def _field(path: Sequence[str], contract: Contract, contract_of: Callable[[str], Contract]) -> tuple[str, Field]:
    head, *rest = path
    if not rest:
        if any(head in (link.name, link.api_name) for link in contract.links):
            raise InvalidRequest(
                f"{head} is a link of {contract.id}, not a field.",
                hint=f"Say which of its fields: {head}.…",
                details={"reason": "link_without_fields"},
            )
        field = contract.field(head)
        return field.name, field
    link = contract.link(head)
    name, field = _field(rest, contract_of(link.to), contract_of)
    return f"{link.name}.{name}", field
