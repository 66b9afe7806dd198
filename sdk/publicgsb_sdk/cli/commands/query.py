"""`pgsb query` and `pgsb price`: GraphQL from a file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import click

from publicgsb_sdk.answers import Answer, read_result
from publicgsb_sdk.cli import operation as operations
from publicgsb_sdk.cli.credentials import Kind
from publicgsb_sdk.cli.exits import Exit, exit_of
from publicgsb_sdk.cli.frame import Frame, dry_run_option, pass_frame, tell
from publicgsb_sdk.cli.library import is_safe
from publicgsb_sdk.cli.output import Column, Format, counted, note
from publicgsb_sdk.cli.signed import keep_signed
from publicgsb_sdk.errors import InvalidRequest

ACCEPT = "application/graphql-response+json, application/json;q=0.9"

variable_option = click.option("-v", "--variable", "written", multiple=True, help="name=value, or name:=json.")
operation_option = click.option("--operation", help="Which of several operations of the document.")


@click.command()
@click.argument("file")
@variable_option
@operation_option
@click.option("--keep", type=click.Path(path_type=Path), help="Have the answer signed, and keep it in this new folder.")
@dry_run_option
@pass_frame
def query(
    frame: Frame, file: str, written: tuple[str, ...], operation: str | None, keep: Path | None, dry_run: bool
) -> int:
    """Run the GraphQL of FILE (- is stdin).

    As JSON the whole answer is written, with its cost and receipt; as table or CSV the one list that it holds.
    A part that is missing is told on stderr, and the command does not end with 0.
    """
    document = operations.read_document(file)
    one = operations.chosen(document, operation)
    variables = operations.variables(written, one)
    if dry_run:
        return _tell_price(frame, document, one, variables)
    answer = _ask(frame, document, variables, one.name, is_signed=keep is not None)
    result = read_result(answer)
    if keep is not None:
        keep_signed(keep, answer, document, variables, one.name)
    _write(frame, json.loads(answer.body), result.data)
    for error in result.errors:
        tell(error, frame.format)
    if result.cost:
        note(f"{counted(result.cost.actual, 'point')}.")
    return exit_of(result.errors[0]) if result.errors else Exit.DONE


@click.command()
@click.argument("file", required=False)
@variable_option
@operation_option
@pass_frame
def price(frame: Frame, file: str | None, written: tuple[str, ...], operation: str | None) -> int:
    """What the GraphQL of FILE would cost, in points; asking runs nothing. Without FILE: the list of prices."""
    if file is None:
        prices = frame.remote_open().get("/pricing")["prices"]
        frame.writer.rows([Column("points", is_number=True), *map(Column, ("name", "per.en", "per.fa"))], prices)
        return Exit.DONE
    document = operations.read_document(file)
    one = operations.chosen(document, operation)
    return _tell_price(frame, document, one, operations.variables(written, one))


def _tell_price(frame: Frame, document: str, one: operations.Operation, variables: Mapping[str, Any]) -> int:
    answer = _ask(frame, operations.priced(document, one), variables, one.name, is_signed=False)
    told = read_result(answer).complete().data["pgsbPrice"]
    note("A document that the service has not seen before costs 5 points more, once.")
    frame.writer.one({"points": told["cost"], "records": told["records"], "remaining": told["remaining"]})
    return Exit.DONE


def _ask(frame: Frame, document: str, variables: Mapping[str, Any], name: str | None, *, is_signed: bool) -> Answer:
    body = {"query": document, "variables": variables, "operationName": name}
    sent = {member: value for member, value in body.items() if value}
    prefer = "gsb-signature" if is_signed else None
    remote = frame.remote(Kind.KEY)
    return remote.answer("POST", "/graphql", sent, is_safe=is_safe(document), prefer=prefer, accept=ACCEPT)


def _write(frame: Frame, whole: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """A table on a terminal where the answer is one; who asked for a table of what is none is told so."""
    if frame.shown in (Format.JSON, Format.NDJSON):
        frame.writer.one(whole)
        return
    found = list(_lists(data))
    if len(found) == 1:
        rows = [dict(_flat(row)) for row in found[0]]
        frame.writer.rows([Column(name) for name in dict.fromkeys(name for row in rows for name in row)], rows)
        return
    if frame.format is not None:
        raise InvalidRequest(
            f"The answer holds {len(found)} lists, and a {frame.shown} shows one.", hint="-o json shows all of it."
        )
    frame.format = Format.JSON
    frame.writer.one(whole)


def _lists(value: Any) -> Iterator[list[dict[str, Any]]]:
    """The outermost lists of records, in `nodes` or in `edges`."""
    if isinstance(value, Mapping):
        for inner in cast(Mapping[str, Any], value).values():
            yield from _lists(inner)
    elif isinstance(value, list):
        items = cast(Sequence[Any], value)
        if all(isinstance(item, Mapping) for item in items):
            is_edges = bool(items) and all("node" in item for item in items)
            yield [item["node"] if is_edges else item for item in items]


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(cast(Mapping[str, Any], value), f"{before}{name}.")
        else:
            yield before + name, value
