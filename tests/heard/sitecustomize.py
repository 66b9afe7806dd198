"""What a process that a test starts lets the audit of SQL hear: each new shape of statement, each type name of a plan.

Python imports this module when it starts with this folder on its path (`tests/sql_audit.py` sees to that), and does
nothing more until the process imports the SQL builder by itself. It must need nothing but the standard library.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = "SQL_HEARD"  # the environment variable that names where each process has a file of lines
BUILDER, RECORDS = "publicgsb.schema.sql.builder", "publicgsb.schema.planning.tree.records"
_SHAPE = ((re.compile(r'"[a-z_0-9]+"'), '"x"'), (re.compile(r"(?<=[a-z$])\d+\b"), "0"))


def shape_of(text: str) -> str:
    """Identifiers in quotes and the numbers of parameters and aliases make no other shape."""
    for pattern, plain in _SHAPE:
        text = pattern.sub(plain, text)
    return text


def listen(made: type, attribute: str, heard: Callable[[str], None]) -> None:
    """`heard` is told the attribute of each object that is made of this class."""
    make = made.__init__  # type: ignore[misc]

    def made_anew(one: Any, *args: Any, **more: Any) -> None:
        make(one, *args, **more)
        heard(getattr(one, attribute))

    type.__setattr__(made, "__init__", made_anew)


class _Teller:
    """Appends what is new to this process's own file; a process that was forked has another."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._told: set[tuple[str, str]] = set()

    def statement(self, text: str) -> None:
        self._tell("statement", shape_of(text), text)

    def type_name(self, name: str) -> None:
        self._tell("type", name, name)

    def _tell(self, kind: str, name: str, text: str) -> None:
        if (kind, name) not in self._told:
            self._told.add((kind, name))
            with Path(self._folder, str(os.getpid())).open("a", encoding="utf-8") as file:
                file.write(json.dumps([kind, text]) + "\n")


class _Imports(MetaPathFinder):
    """Finds nothing itself: it begins to listen to two modules right after somebody has imported them."""

    def __init__(self, teller: _Teller) -> None:
        self._listeners: dict[str, Callable[[ModuleType], None]] = {
            BUILDER: lambda module: listen(module.Statement, "text", teller.statement),
            RECORDS: lambda module: listen(module.TypenameItem, "name", teller.type_name),
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        listener = self._listeners.pop(fullname, None)
        if listener is None:
            return None
        found = (finder.find_spec(fullname, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((one for one in found if one is not None), None)
        if spec is not None and spec.loader is not None:
            vars(spec.loader)["exec_module"] = _then(spec.loader.exec_module, listener)
        return spec


def _then(
    execute: Callable[[ModuleType], None], listener: Callable[[ModuleType], None]
) -> Callable[[ModuleType], None]:
    def both(module: ModuleType) -> None:
        execute(module)
        listener(module)

    return both


if FOLDER in os.environ and __name__ == "sitecustomize":
    sys.meta_path.insert(0, _Imports(_Teller(os.environ[FOLDER])))
