"""A pytest plugin: every statement that the SQL builder makes in a test process is parsed and held against
schema/sql/allowed.py; the test that caused a statement beyond it fails.

Once per shape: identifiers in quotes and the numbers of parameters and aliases make no new one.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pglast import ast, enums, parse_sql
from pglast.parser import ParseError, scan
from pglast.visitors import Ancestor, Visitor

from publicgsb.schema.planning.tree.records import TypenameItem
from publicgsb.schema.sql import allowed
from publicgsb.schema.sql.builder import Statement

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
_SHAPE = ((re.compile(r'"[a-z_0-9]+"'), '"x"'), (re.compile(r"(?<=[a-z$])\d+\b"), "0"))


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
        self._new: list[str] = []
        self._type_names: set[str] = set()

    def listen(self) -> None:
        make_statement, make_typename = Statement.__init__, TypenameItem.__init__

        def statement(made: Statement, *args: Any, **more: Any) -> None:
            make_statement(made, *args, **more)
            self.heard(made.text)

        def typename(made: TypenameItem, *args: Any, **more: Any) -> None:
            make_typename(made, *args, **more)
            self._type_names.add(made.name)

        type.__setattr__(Statement, "__init__", statement)
        type.__setattr__(TypenameItem, "__init__", typename)

    def heard(self, text: str) -> None:
        shape = text
        for pattern, plain in _SHAPE:
            shape = pattern.sub(plain, shape)
        if shape not in self.shapes:
            self.shapes.add(shape)
            self._new.append(text)

    def verdict(self) -> list[str]:
        """What is wrong with the statements made since the last time."""
        new, self._new = self._new, []
        names = frozenset(self._type_names)
        found: dict[str, str] = {}
        for text in new:
            for problem in problems(text, names):
                found.setdefault(problem, text)
        return [f"{problem}: {text}" for problem, text in found.items()]


RECORDER = Recorder()
RECORDER.listen()


@pytest.fixture(autouse=True)
def audited() -> Iterator[None]:
    yield
    wrong = RECORDER.verdict()
    assert not wrong, "\n".join(wrong)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["sql_shapes"] = len(RECORDER.shapes)


class _Summary:
    """In the process that reports: the sum over the processes that tested."""

    def __init__(self) -> None:
        self.shapes = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.shapes += getattr(node, "workeroutput", {}).get("sql_shapes", 0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        shapes = self.shapes or len(RECORDER.shapes)
        if shapes:
            terminalreporter.write_line(f"SQL audit: {shapes} shapes of statements parsed.")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Summary())
