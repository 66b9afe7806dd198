"""What a page for paper is made of, in Persian and English side by side; whatever comes in as a text is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, TypeAlias


class Words(str):
    """HTML of ours, in both languages: made by `words` alone, and the one text that is not escaped again."""

    __slots__ = ()


Cell: TypeAlias = str | int | float | Words | None

_STYLE = """
body {
  font: 10.5pt/1.6 Vazirmatn, "Noto Sans", "Noto Sans Arabic", "Noto Naskh Arabic", Tahoma, sans-serif;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff;
}
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; border-bottom: 1px solid #999; display: flex; gap: 1rem; }
h2 [lang=fa] { order: 1; margin-left: auto; }
h2 .or, th .or { display: none; }
th [lang=fa] { display: block; font-weight: 400; color: #444; text-align: left; }
table { border-collapse: collapse; width: 100%; margin-top: .6rem; }
table.pairs th { width: 18rem; }
table.pairs th [lang=fa] { float: right; }
th, td { border: 1px solid #bbb; padding: .2rem .5rem; text-align: start; vertical-align: top; }
td { overflow-wrap: break-word; }
table.pairs td { overflow-wrap: anywhere; }
.lines { display: block; }
th { background: #f2f2f2; font-weight: 600; }
.num { text-align: end; font-variant-numeric: tabular-nums; }
.signed { display: flex; gap: 3rem; margin-top: 3rem; }
.signed div { flex: 1; border-top: 1px solid #111; padding-top: .3rem; }
@page { size: A4; margin: 15mm; }
@media print { body { margin: 0; max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


def document(title: str, parts: Iterable[str]) -> str:
    """The whole page, with nothing to load."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def words(fa: str, en: str) -> Words:
    """The same in both languages, neither of which turns the other's direction."""
    persian = f'<bdi lang="fa" dir="rtl">{escape(fa)}</bdi><span class="or"> / </span>' if fa else ""
    return Words(f'{persian}<bdi lang="en" dir="ltr">{escape(en)}</bdi>')


def lines(fa: str, en: str) -> Words:
    """Sentences, each language on lines of its own."""
    return Words(
        f'<span class="lines" lang="fa" dir="rtl">{escape(fa)}</span>'
        f'<span class="lines" lang="en" dir="ltr">{escape(en)}</span>'
    )


def heading(fa: str, en: str) -> str:
    return f"<h2>{words(fa, en)}</h2>"


def pairs(named: Iterable[tuple[str, str, Cell]]) -> str:
    """A table of names and values; what has no value is left out, and so is a table of nothing."""
    rows = "".join(
        f"<tr><th>{words(fa, en)}</th><td>{text(value)}</td></tr>" for fa, en, value in named if value not in (None, "")
    )
    return f'<table class="pairs">{rows}</table>' if rows else ""


def table(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]]) -> str:
    if not rows:
        return "<p>—</p>"
    head = "".join(f"<th>{words(fa, en)}</th>" for fa, en in columns)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def text(value: Any) -> str:
    """As HTML, whatever it is."""
    if isinstance(value, Words):
        return value
    if value is None:
        return "–"
    return escape(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))


def _cell(value: Cell) -> str:
    return f"<td{' class=num' if isinstance(value, int | float) else ''}>{text(value)}</td>"
