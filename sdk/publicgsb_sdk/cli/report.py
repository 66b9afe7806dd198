"""A report on a file for eyes: its figures, then a line for each thing that is wrong, in the reader's language.

As a table the sentences, which say what to do, would be cut to the width of the terminal.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from publicgsb_sdk.cli.frame import Frame
from publicgsb_sdk.cli.output import Column
from publicgsb_sdk.cli.table import clean
from publicgsb_sdk.cli.words import LOCALE, said
from publicgsb_sdk.wire import items

ABOUT = ("id", "dataset", "state", "release", "submission", "embargoUntil", "decidedBy", "reason")
FIGURES = ("isReleasable", "rowsRead", "errorsTotal", "counts", "normalisations")
LINKS = [*map(Column, ("name", "to")), *(Column(name, is_number=True) for name in ("rows", "matched"))]


def tell_report(frame: Frame, document: Mapping[str, Any]) -> None:
    """What it is about, figures, errors, findings of the privacy gate, warnings and links."""
    report = document["report"]
    about = {name: document[name] for name in ABOUT if document.get(name)}
    frame.writer.one(about | {name: report[name] for name in FIGURES if report.get(name)})
    for line in _lines(report):
        frame.writer.text(line)
    if links := report.get("links"):
        frame.writer.text("\nlinks:")
        frame.writer.rows(LINKS, links)


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    for name in ("errors", "findings", "warnings"):
        if found := items(report.get(name)):
            yield f"\n{name}:"
        for one in found:
            row, field = (
                one.get("row"),
                None if name == "findings" else one.get("field"),
            )  # a finding's message names it
            place = ", ".join(str(part) for part in (row and said(f"row {row}"), field) if part)
            about = ", ".join(str(one[part]) for part in ("code", "kind", "verdict", "shape") if one.get(part))
            yield clean(f"{place}{': ' if place else ''}{_words(one.get('message'))} ({about})")
            if todo := _words(one.get("fix") or one.get("proposal")):
                yield clean(f"    {todo}")


def _words(both: Mapping[str, str] | None) -> str:
    return (both or {}).get(LOCALE.get(), "")
