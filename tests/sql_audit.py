"""A pytest plugin: every statement that the SQL builder makes, in a test's own process or in one that it starts, is
parsed and held against schema/sql/allowed.py; the test that caused a statement beyond it fails.

Once per shape: identifiers in quotes and the numbers of parameters and aliases make no new one. A process that a test
starts has `tests/heard` on its import path and leaves its statements in a file, read when the test has ended.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from pglast import ast, enums, parse_sql
from pglast.parser import ParseError, scan
from pglast.visitors import Ancestor, Visitor

from publicgsb.schema.planning.tree.records import TypenameItem
from publicgsb.schema.sql import allowed
from publicgsb.schema.sql.builder import Statement
from tests.heard.sitecustomize import FOLDER, listen, shape_of

# Kinds of nodes of PostgreSQL's parse tree; no other is emitted: no DML, no INTO, no locking, no SQL value function.
_NODES = frozenset(
    {
        "RawStmt",
        "SelectStmt",
        "ResTarget",
        "ColumnRef",
        "ParamRef",
        "A_Const",
        "TypeCast",
        "TypeName",
        "FuncCall",
        "A_Expr",
        "BoolExpr",
        "NullTest",
        "BooleanTest",
        "CoalesceExpr",
        "CaseExpr",
        "CaseWhen",
        "RowExpr",
        "SubLink",
        "A_Indirection",
        "A_Indices",
        "A_ArrayExpr",
        "RangeVar",
        "RangeSubselect",
        "RangeFunction",
        "JoinExpr",
        "MinMaxExpr",
        "Alias",
        "SortBy",
        "WindowDef",
        "String",
        "Integer",
        "Float",
        "Boolean",
        "A_Star",
    }
)
_FORBIDDEN = ("intoClause", "lockingClause", "withClause", "valuesLists")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def problems(text: str, type_names: frozenset[str]) -> list[str]:
    """Everything in a statement that is beyond what may be emitted."""
    try:
        tokens = scan(text)
        statements = parse_sql(text)
    except ParseError as error:
        return [f"is not SQL: {error}"]
    found = [f"{token.name} in the text" for token in tokens if token.name in ("SQL_COMMENT", "C_COMMENT", "ASCII_59")]
    if len(statements) != 1 or not isinstance(statements[0].stmt, ast.SelectStmt):
        return [*found, "is not exactly one SELECT"]
    auditor = _Auditor(type_names)
    auditor(statements)
    return found + auditor.found


class _Auditor(Visitor):
    def __init__(self, type_names: frozenset[str]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._type_names = type_names

    def visit(self, ancestors: Ancestor, node: Any) -> None:
        kind = type(node).__name__
        if kind not in _NODES:
            self.found.append(f"{kind} is no part of what is emitted")
        match node:
            case ast.SelectStmt():
                self.found += [f"{clause} is used" for clause in _FORBIDDEN if getattr(node, clause)]
                if node.op != enums.SetOperation.SETOP_NONE and not _is_union_all(node):
                    self.found.append("a set operation is used")
            case ast.FuncCall():
                self._check("function", ".".join(part.sval for part in node.funcname or ()), allowed.FUNCTIONS)
            case ast.A_Expr():
                self._check("operator", ".".join(part.sval for part in node.name or ()), allowed.OPERATORS)
            case ast.TypeName():
                names = [part.sval for part in node.names or ()]
                self._check("type", ".".join(names[1:] if names[0] == "pg_catalog" else names), allowed.TYPES)
            case ast.RangeVar():
                if node.schemaname not in allowed.SCHEMAS or not _NAME.fullmatch(node.relname or ""):
                    self.found.append(f"table {node.schemaname}.{node.relname}")
            case ast.A_Const():
                self._literal(ancestors, node)

    def _check(self, what: str, name: str, known: frozenset[str]) -> None:
        if name not in known:
            self.found.append(f"{what} {name}")

    def _literal(self, ancestors: Ancestor, node: Any) -> None:
        value = node.val
        if isinstance(value, ast.String):
            is_type_name = value.sval in self._type_names and isinstance(ancestors.node, ast.TypeCast)
            if not is_type_name and value.sval not in allowed.TEXTS:
                self.found.append(f"text {value.sval!r}")
        elif isinstance(value, ast.Integer):
            if value.ival not in allowed.NUMBERS:
                self.found.append(f"number {value.ival}")
        elif not isinstance(value, ast.Boolean) and not node.isnull:
            self.found.append(f"literal {value}")


def _is_union_all(node: ast.SelectStmt) -> bool:
    return node.op == enums.SetOperation.SETOP_UNION and bool(node.all)


class Recorder:
    """Hears of each statement as it is made, and of each type name that a plan mentions."""

    def __init__(self) -> None:
        self.shapes: set[str] = set()
        self.elsewhere: set[str] = set()  # those of them that processes which a test started have made
        self.processes = 0
        self._folder: Path | None = None
        self._read: dict[str, int] = {}  # how many bytes of which process's file
        self._new: list[str] = []
        self._type_names: set[str] = set()

    def listen(self) -> None:
        listen(Statement, "text", self.heard)
        listen(TypenameItem, "name", self._type_names.add)

    def listen_elsewhere(self) -> None:
        """From now on to the processes that are started, too."""
        self._folder = Path(tempfile.mkdtemp(prefix="gsb-heard-"))
        hook = str(Path(__file__).parent / "heard")
        sys.path.insert(0, hook)  # tests hand their own path on
        paths = [hook, os.environ.get("PYTHONPATH")]
        os.environ |= {FOLDER: str(self._folder), "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def end(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None

    def heard(self, text: str) -> None:
        shape = shape_of(text)
        if shape not in self.shapes:
            self.shapes.add(shape)
            self._new.append(text)

    def verdict(self) -> list[str]:
        """What is wrong with the statements made since the last time."""
        self._hear_elsewhere()
        new, self._new = self._new, []
        names = frozenset(self._type_names)
        found: dict[str, str] = {}
        for text in new:
            for problem in problems(text, names):
                found.setdefault(problem, text)
        return [f"{problem}: {text}" for problem, text in found.items()]

    def _hear_elsewhere(self) -> None:
        for file in self._folder.iterdir() if self._folder is not None else ():
            known = self._read.get(file.name, 0)
            with file.open("rb") as lines:
                lines.seek(known)
                whole, _, _ = lines.read().rpartition(b"\n")  # the process may be writing the last one
            self.processes += file.name not in self._read
            self._read[file.name] = known + len(whole) + bool(whole)
            for line in whole.splitlines():
                kind, text = json.loads(line)
                if kind == "type":
                    self._type_names.add(text)
                else:
                    self.elsewhere.add(shape_of(text))
                    self.heard(text)


RECORDER = Recorder()
RECORDER.listen()


@pytest.fixture(autouse=True)
def audited() -> Iterator[None]:
    yield
    wrong = RECORDER.verdict()
    assert not wrong, "\n".join(wrong)


def pytest_sessionfinish(session: pytest.Session) -> None:
    late = RECORDER.verdict()  # of processes that served a whole session
    if late:
        print("\n".join(late), file=sys.stderr)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    RECORDER.end()
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["sql"] = [_names(RECORDER.shapes), _names(RECORDER.elsewhere), RECORDER.processes, late]


def _names(shapes: set[str]) -> list[str]:
    return [blake2b(shape.encode(), digest_size=8).hexdigest() for shape in shapes]


class _Summary:
    """In the process that reports: what all processes that tested have heard."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._shapes: set[str] = set()
        self._elsewhere: set[str] = set()
        self._processes = 0
        self._late: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._add(*getattr(node, "workeroutput", {}).get("sql", ([], [], 0, [])))

    def _add(self, shapes: list[str], elsewhere: list[str], processes: int, late: list[str]) -> None:
        self._shapes.update(shapes)
        self._elsewhere.update(elsewhere)
        self._processes += processes
        self._late += late

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):
            self._add(_names(RECORDER.shapes), _names(RECORDER.elsewhere), RECORDER.processes, [])
        if self._late:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for wrong in self._late:
            terminalreporter.write_line(f"SQL audit: {wrong}", red=True)
        if self._shapes:
            terminalreporter.write_line(
                f"SQL audit: {len(self._shapes)} shapes of statements parsed, {len(self._elsewhere)} of them made by "
                f"{self._processes} processes that tests started."
            )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Summary(config))
    # Where other processes run the tests, each of them listens to its own.
    if hasattr(config, "workerinput") or config.getoption("dist", "no") == "no":
        RECORDER.listen_elsewhere()
