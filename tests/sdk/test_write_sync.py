"""The two halves are one: what is written is what the script writes, and both have the same names and signatures."""

import inspect
import re
from typing import Any

import pytest
from sdk.write_sync import BY_HAND, PACKAGE, SOURCE, synchronous, written

import publicgsb_sdk
from publicgsb_sdk.asynchronous.transport import AsyncTransport
from publicgsb_sdk.transport import Transport

TWINS = [
    (publicgsb_sdk.Client, publicgsb_sdk.AsyncClient),
    (publicgsb_sdk.Dataset, publicgsb_sdk.AsyncDataset),
    (publicgsb_sdk.Datasets, publicgsb_sdk.AsyncDatasets),
    (Transport, AsyncTransport),
]


def test_the_synchronous_modules_are_what_the_script_writes() -> None:
    stale = [path.name for path, text in written() if path.read_text("utf-8") != text]
    assert stale == [], "run make sdk"


def test_every_asynchronous_module_has_its_twin() -> None:
    names = {path.name for path in SOURCE.glob("*.py")}
    assert names - {"__init__.py"} <= {path.name for path in PACKAGE.glob("*.py")}
    assert set(BY_HAND) < names


@pytest.mark.parametrize(("waiting", "tasks"), TWINS, ids=lambda kind: kind.__name__)
def test_both_halves_have_the_same_names_and_signatures(waiting: type, tasks: type) -> None:
    assert _public(waiting) == _public(tasks)


def test_awaiting_disappears_and_nothing_else() -> None:
    text = '"""`AsyncX` awaits."""\n\n\nasync def f(x: AsyncX) -> int:\n    return await x.awaited\n'
    assert synchronous("x.py", text).split("\n", 1)[1] == (
        '"""`X` awaits."""\n\n\ndef f(x: X) -> int:\n    return x.awaited\n'
    )


def _public(kind: type) -> dict[str, str]:
    """Names with their signatures, without what makes them asynchronous."""
    members = {name: member for name, member in vars(kind).items() if not name.startswith("_") or name == "__init__"}
    return {name: _signature(member) for name, member in members.items()}


def _signature(member: Any) -> str:
    function = member.fget if isinstance(member, property) else member
    if not callable(function):
        return type(member).__name__
    shown = f"{type(member).__name__} {inspect.signature(function)}"
    shown = re.sub(r"(?:\w+\.)*Awaitable\[([^][]*)\]", r"\1", shown)
    return re.sub(r"publicgsb_sdk\.asynchronous\.|publicgsb_sdk\.|\bAsync(?=[A-Z])", "", shown)
