"""What a question costs, before it is asked: learned from answers, or from a dry run, which is free."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, TypeVar

from publicgsb_sdk.envelope import IGNORED
from publicgsb_sdk.errors import InvalidRequest

NEW_DOCUMENT_POINTS = 5  # more, once, for a document that nobody sent before
UNKNOWN_POINTS = 16  # a page of 1,000 records by such a document
CURSORS = frozenset({"after", "before"})
PRICE = " gsbPrice: rateLimit(dryRun: true) { cost } "
KNOWN_MAX = 1_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Prices:
    """The reserved prices of questions. Where in a list a page begins does not change what it costs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._points: OrderedDict[str, int] = OrderedDict()
        self._ran: OrderedDict[int, None] = OrderedDict()  # documents by their hash

    def known(self, question: str) -> int | None:
        """What it costs at most, if it was learned."""
        return self._points.get(question)

    def at_most(self, question: str, document: str) -> int:
        """What to set aside for it: its price, and more the first time; without a price what a large one costs."""
        points = self._points.get(question)
        if points is None:
            return UNKNOWN_POINTS
        return points if hash(document) in self._ran else points + NEW_DOCUMENT_POINTS

    def learn(self, question: str, points: int) -> None:
        """Keep a price; the oldest makes room."""
        with self._lock:
            _keep(self._points, question, points)

    def ran(self, question: str, document: str, reserved: int | None) -> None:
        """It was answered, and so much was reserved for it. The first time that may be more than its price."""
        with self._lock:
            _keep(self._ran, hash(document), None)
            if reserved is not None:
                _keep(self._points, question, min(reserved, self._points.get(question, reserved)))


def _keep(into: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    into[key] = value
    into.move_to_end(key)
    if len(into) > KNOWN_MAX:
        into.popitem(last=False)


def question(document: str, variables: Mapping[str, Any] | None, operation_name: str | None) -> str:
    """The same for all pages of a walk."""
    priced = {name: value for name, value in (variables or {}).items() if name not in CURSORS}
    text = json.dumps([document, operation_name, priced], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def dry_run(document: str, operation_name: str | None) -> str:
    """The document, asking for its price instead of running."""
    at = _selection_of(document, operation_name)
    return document[: at + 1] + PRICE + document[at + 1 :]


def _selection_of(document: str, operation_name: str | None) -> int:
    """Where the selection of the operation opens."""
    bare = IGNORED.sub(lambda found: " " * len(found.group()), document)
    depth = parentheses = begin = 0
    for at, sign in enumerate(bare):
        parentheses += (sign == "(") - (sign == ")")
        if parentheses:
            continue
        if sign == "{":
            head = bare[begin:at].replace("(", " ").replace("@", " ").split()
            if depth == 0 and _is_wanted(head, operation_name):
                return at
            depth += 1
        elif sign == "}":
            depth -= 1
            begin = at + 1
    raise InvalidRequest(f"The document holds no operation {operation_name or ''}".rstrip() + ".")


def _is_wanted(head: list[str], operation_name: str | None) -> bool:
    if not head:
        return True  # the short form, a query without a name
    return head[0] == "query" and (operation_name is None or head[1:2] == [operation_name])
