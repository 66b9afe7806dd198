"""What every command shares: settings and engines on demand, output for people or programs, errors, progress."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO, TypeVar

import click

from publicgsb.platform.kernel.errors import (
    Conflict,
    GsbError,
    InvalidRequest,
    NotFound,
    NotPermitted,
    TimedOut,
    Unavailable,
    Withheld,
)
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.settings import Settings, load_settings, unknown_names

T = TypeVar("T")

EXIT_ERROR, EXIT_USAGE, EXIT_REFUSED, EXIT_NOT_FOUND, EXIT_CONFLICT, EXIT_UNAVAILABLE = 1, 2, 3, 4, 5, 6
_EXITS: tuple[tuple[type[GsbError], int], ...] = (
    (InvalidRequest, EXIT_REFUSED),
    (NotPermitted, EXIT_REFUSED),
    (Withheld, EXIT_REFUSED),
    (NotFound, EXIT_NOT_FOUND),
    (Conflict, EXIT_CONFLICT),
    (Unavailable, EXIT_UNAVAILABLE),
    (TimedOut, EXIT_UNAVAILABLE),
)


@dataclass(slots=True)
class Context:
    """The `obj` of every command: `click.pass_obj` hands it over."""

    as_json: bool = False
    wants_progress: bool | None = None
    overrides: dict[str, object] = field(default_factory=dict)
    acting_as: str | None = None
    operator: str | GsbError | None = None  # once it was looked up: a name for the audit, or why there is none
    _settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """Read on first use, so that `gsb --help` works whatever the environment holds."""
        if self._settings is None:
            for sentence in unknown_names():
                note(sentence)
            self._settings = load_settings(**self.overrides)
        return self._settings

    @contextmanager
    def engines(self) -> Iterator[Engines]:
        """The engines for the time of a command; started if nobody has, stopped if nobody else uses them."""
        with Engines(self.settings) as engines:
            yield engines

    def run(self, work: Callable[[Engines], Coroutine[Any, Any, T]]) -> T:
        """Run an async use case with the engines."""
        with self.engines() as engines:
            return asyncio.run(work(engines))

    def progress(self, label: str, total: int | None, unit: str = "rows") -> "Progress":
        shown = sys.stderr.isatty() if self.wants_progress is None else self.wants_progress
        return Progress(label, total, unit, is_shown=shown)


class Commands(click.Group):
    """A group whose commands all take `--json` and all end with the documented exit codes."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        _give_json_option(cmd)
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GsbError as error:
            tell(error, as_json=ctx.ensure_object(Context).as_json)
            ctx.exit(exit_code(error))


def _give_json_option(command: click.Command) -> None:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _give_json_option(inner)
    elif not any(parameter.name == "as_json" for parameter in command.params):
        command.params.append(
            click.Option(
                ["--json", "as_json"],
                is_flag=True,
                expose_value=False,
                callback=_remember_json,
                help="Write the result as JSON.",
            )
        )


def _remember_json(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Context).as_json = True


def exit_code(error: GsbError) -> int:
    if error.details.get("reason") == "settings":
        return EXIT_USAGE
    return next((code for kind, code in _EXITS if isinstance(error, kind)), EXIT_ERROR)


def tell(error: GsbError, *, as_json: bool) -> None:
    """One sentence, the next step and the code, on stderr; of a contract with several mistakes each has its line."""
    if as_json:
        problem: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.hint:
            problem["hint"] = error.hint
        if error.details:
            problem["details"] = error.details
        click.echo(json.dumps({"error": problem}, ensure_ascii=False, default=str), err=True)
        return
    click.echo(f"Error: {error.message}", err=True)
    problems = error.details.get("problems", ())
    if len(problems) > 1:
        for one in problems:
            click.echo(f"  {one['path']}: {one['message_en']} {one['fix']}".rstrip(), err=True)
    elif error.hint:
        click.echo(f"Hint: {error.hint}", err=True)
    click.echo(f"Code: {error.code}", err=True)


def counted(number: int, noun: str) -> str:
    """1 key, 2 keys: for a noun that takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def note(text: str) -> None:
    """For the person at the terminal; never data."""
    click.echo(text, err=True)


def emit(data: Mapping[str, Any] | Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> None:
    """Data on stdout: JSON when asked for, else a table of `columns` (a list) or `name: value` lines (one thing).

    What one thing consists of is told by name (`grant.state`), and lists of things as tables below it.
    """
    context = click.get_current_context().ensure_object(Context)
    if context.as_json:
        click.echo(json.dumps(data, ensure_ascii=False, default=str, indent=2))
    elif isinstance(data, Mapping):
        _one(data)
    else:
        _table(data, columns or (list(data[0]) if data else []))


def _one(data: Mapping[str, Any]) -> None:
    flat = dict(_flat(data))
    tables = {name: value for name, value in flat.items() if _is_table(value)}
    lines = {name: value for name, value in flat.items() if name not in tables}
    width = max((len(name) for name in lines), default=0)
    for name, value in lines.items():
        click.echo(f"{name:<{width}}  {_cell(value)}")
    for name, rows in tables.items():
        click.echo(f"\n{name}:")
        _table(rows, list(dict.fromkeys(column for row in rows for column in row)))


def _flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _is_table(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    if not rows:
        note("(none)")
        return
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(columns)]
    for line in (list(columns), *cells):
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(inner) for inner in value) or "-"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str) if value else "-"
    return str(value)


class Progress:
    """One line on stderr that is written over: done, share, speed and time left."""

    def __init__(
        self,
        label: str,
        total: int | None,
        unit: str,
        *,
        is_shown: bool,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._is_shown = is_shown
        self._stream = stream or sys.stderr
        self._clock = clock
        self._began = self._told = clock()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._stream.write("\r\033[K")
            self._stream.flush()

    def update(self, done: int, total: int | None = None) -> None:
        """At most ten lines a second, whatever the caller's rhythm."""
        self._total = total if total is not None else self._total
        now = self._clock()
        if self._is_shown and now - self._told >= 0.1:
            self._told = now
            self._stream.write("\r\033[K" + self.line(done, now - self._began))
            self._stream.flush()

    def line(self, done: int, seconds: float) -> str:
        speed = done / seconds if seconds > 0 else 0.0
        text = f"{self._label}  {done:,}"
        if self._total:
            text += f"/{self._total:,} {self._unit}  {min(done / self._total, 1):.0%}"
        else:
            text += f" {self._unit}"
        text += f"  {speed:,.0f} {self._unit}/s"
        if self._total and speed:
            text += f"  {_duration(max(self._total - done, 0) / speed)} left"
        return text


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
