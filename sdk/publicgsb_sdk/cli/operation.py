"""GraphQL documents as text: what an operation's variables are, and where its price can be asked for."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publicgsb_sdk.errors import InvalidRequest

TOKEN = re.compile(
    r'(?P<skip>#[^\n\r]*|"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"|[\s,\ufeff]+)'
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign>\.\.\.|.)",
    re.DOTALL | re.ASCII,
)
BEGINNING = re.compile(r"(?:(query|mutation|subscription)\b\s*([A-Za-z_]\w*)?|$)", re.ASCII)
DECLARED = re.compile(r"\$(\w+)\s*:\s*([\[\]\w!]+)")
TEXTS = ("String", "ID", "BigInt", "Decimal", "Date", "DateTime", "Release")
EXAMPLES, IN_JSON = {"Int": "=12", "Float": "=1.5", "Boolean": "=true"}, ":='[…]' in JSON"
PRICE = " pgsbPrice: rateLimit(dryRun: true) { cost records remaining }"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document; `body_at` is where its selection begins."""

    kind: str
    name: str | None
    head: str
    body_at: int


def read_document(path: str) -> str:
    """From a file, or stdin for `-`."""
    try:
        text = (Path("/dev/stdin") if path == "-" else Path(path)).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidRequest(f"{path} cannot be read: it is not UTF-8.") from None
    return text


def chosen(document: str, name: str | None) -> Operation:
    """The operation that will run."""
    found = list(_operations(document))
    for operation in found:
        if (len(found) == 1 and name is None) or (name is not None and operation.name == name):
            return operation
    names = ", ".join(operation.name or "(without a name)" for operation in found) or "none"
    raise InvalidRequest(
        "The document has no such operation." if name else "The document does not have exactly one operation.",
        hint=f"It has: {names}. --operation names one.",
        details={"reason": "operation"},
    )


def priced(document: str, operation: Operation) -> str:
    """The document with a question that makes it tell its price and run nothing."""
    if operation.kind != "query":
        raise InvalidRequest("Only a query has a price before it runs.", details={"reason": "operation"})
    return document[: operation.body_at] + PRICE + document[operation.body_at :]


def variables(written: Iterable[str], operation: Operation) -> dict[str, Any]:
    """`name=value` by the declared type (a text stays text: codes keep their zeros), `name:=json` as it is."""
    types = dict(DECLARED.findall(operation.head))
    return dict(_variable(text, types) for text in written)


def _variable(text: str, types: dict[str, str]) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    is_json = name.endswith(":")
    name = name.removesuffix(":").removeprefix("$")
    if not sign or name not in types:
        raise InvalidRequest(
            f"{text!r} gives no variable of the operation.",
            hint=f"It has: {', '.join(f'{one}: {kind}' for one, kind in types.items()) or 'none'}.",
            details={"reason": "variable"},
        )
    kind = types[name].rstrip("!")
    if kind in TEXTS and not is_json:
        return name, value
    try:
        return name, json.loads(value)
    except ValueError:
        if kind.startswith("[") or is_json or kind in ("Int", "Float", "Boolean"):
            raise InvalidRequest(
                f"{name} is {types[name]}: {value!r} is none.",
                hint=f"Write {name}{EXAMPLES.get(kind, IN_JSON)}.",
                details={"reason": "variable"},
            ) from None
        return name, value  # an enum value, which travels as text


def _operations(document: str) -> Iterator[Operation]:
    """Definitions at the outermost level; what stands in texts and comments is passed over."""
    depth = round_depth = begins_at = 0
    is_between = True  # two definitions
    for token in TOKEN.finditer(document):
        if token["skip"] is not None:
            continue
        if is_between:
            begins_at, is_between = token.start(), False
        sign = token["sign"]
        if sign in ("(", ")"):
            round_depth += 1 if sign == "(" else -1
        elif sign == "{" and round_depth == 0:
            head = document[begins_at : token.start()]
            if depth == 0 and (begun := BEGINNING.match(head)):
                yield Operation(begun[1] or "query", begun[2], head, token.end())
            depth += 1
        elif sign == "}" and round_depth == 0:
            depth -= 1
            is_between = depth == 0
