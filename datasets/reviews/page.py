"""The review of a submission on paper: one HTML page in Persian and English, without scripts, of what the JSON says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

_STYLE = """
body {
  font: 10.5pt/1.5 "Vazirmatn", "Noto Sans", sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #111;
}
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; border-bottom: 1px solid #999; }
h2 span { float: inline-end; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #bbb; padding: .2rem .5rem; text-align: start; vertical-align: top; }
table + table { margin-top: .6rem; }
td { overflow-wrap: anywhere; }
th { background: #f2f2f2; font-weight: 600; }
.num { text-align: end; }
.signed { display: flex; gap: 3rem; margin-top: 3rem; }
.signed div { flex: 1; border-top: 1px solid #111; padding-top: .3rem; }
@media print { body { margin: 0; max-width: none; } h2, table { break-inside: avoid; } }
"""


def review_page(told: Mapping[str, Any], now: datetime) -> str:
    """`told` is what reviews/told.py makes; every text of it is escaped."""
    review, report = told.get("review") or {}, told.get("report") or {}
    parts = [
        f"<h1>{_text(told['dataset'])} — <span lang=fa dir=rtl>بررسی پیش از انتشار</span> / review</h1>",
        _pairs(_head(told)),
        *_changes(review),
        *_gate(report),
        *_links(review),
        *_look(review),
        *_hurt(told["wouldHurt"]),
        _signatures(told),
        f"<p><small>{_text(now.isoformat(timespec='seconds'))}</small></p>",
    ]
    title = _text(f"{told['dataset']} {told['id']}")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _head(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    file, checked = told["file"], told["checked"] or {}
    holds = "yes" if told["holds"] else "no: it will be checked again before it can be approved"
    return [
        ("Submission", told["id"]),
        ("وضعیت / State", told["state"]),
        ("تحویل‌دهنده / Submitted by", told["submittedBy"]),
        ("Handed in at", told["createdAt"]),
        ("Embargo until", told["embargoUntil"]),
        ("File", f"{file['bytes']:,} bytes, SHA-256 {file['sha256']}"),
        ("Mode", file["mode"]),
        ("As of", file["asOf"]),
        ("Contract SHA-256", checked.get("contractSha256")),
        ("Rules of the privacy gate", checked.get("gate")),
        ("Checked is what would be published", holds),
        ("تصمیم / Decided by", told["decidedBy"]),
        ("Decided at", told["decidedAt"]),
        ("دلیل / Reason", told["reason"]),
    ]


def _changes(review: Mapping[str, Any]) -> Iterable[str]:
    if not review:
        return
    rows, contract = review["rows"], review["contract"]
    served = rows["served"]
    yield _heading("Against what is served", "تفاوت با نسخهٔ کنونی")
    yield _pairs(
        [
            ("Rows", rows["rows"]),
            ("Served now", f"release {served['release']}, {served['rows']:,} rows" if served else "nothing yet"),
            ("Difference", f"{rows['difference']:+,}"),
            ("Records added", rows.get("added")),
            ("Records removed", rows.get("removed")),
            ("Records changed", rows.get("changed")),
            ("Compared with release", rows["comparedWith"]),
            ("Change of the contract", f"{contract['class']} ({contract['from'] or '–'} → {contract['to']})"),
            ("It breaks", "; ".join(contract["breaks"])),
            ("Suppressed cells", review.get("suppressedCells")),
        ]
    )


def _gate(report: Mapping[str, Any]) -> Iterable[str]:
    if not report:
        return
    yield _heading("Privacy gate and rows", "دروازهٔ حریم خصوصی")
    yield _pairs([("Rows read", report["rowsRead"]), ("Errors", report["errorsTotal"]), *report["counts"].items()])
    yield _table(
        ("Field", "Kind", "Verdict", "Distinct", "Fit", "Ground"),
        [
            (one["field"], one["kind"], one["verdict"], one["distinct"], one["matched"], one["legalBasis"])
            for one in report["findings"]
        ],
    )


def _links(review: Mapping[str, Any]) -> Iterable[str]:
    if review.get("links"):
        yield _heading("Links", "پیوندها")
        yield _table(
            ("Dataset", "Link", "Rows", "Matched", "Rate", "Rate now"),
            [
                (one["dataset"], one["link"], one["rows"], one["matched"], one["matchRate"], one["servedMatchRate"])
                for one in review["links"]
            ],
        )


def _look(review: Mapping[str, Any]) -> Iterable[str]:
    if not review:
        return
    yield _heading("What it looks like (shapes only)", "نما، بی‌آنکه مقداری دیده شود")
    yield _table(("Column", "Rows with a value"), [(one["name"], one["values"]) for one in review["columns"]])
    yield "<br>"
    yield _table(review["sample"]["columns"], review["sample"]["shapes"])


def _hurt(applications: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    yield _heading("Applications it would hurt (90 days)", "برنامه‌هایی که آسیب می‌بینند")
    yield _table(
        ("Organisation", "Application", "Fields", "Requests", "Last on"),
        [
            (one["organisation"], one["name"], ", ".join(one["fields"]), one["requests"], one["lastOn"])
            for one in applications
        ],
    )


def _signatures(told: Mapping[str, Any]) -> str:
    return (
        f"<div class=signed><div>تحویل‌دهنده / Submitted by<br>{_text(told['submittedBy'])}</div>"
        f"<div>بررسی‌کننده / Reviewed by<br>{_text(told['decidedBy'] or '')}</div></div>"
    )


def _heading(en: str, fa: str) -> str:
    return f"<h2>{_text(en)} <span lang=fa dir=rtl>{_text(fa)}</span></h2>"


def _pairs(pairs: Iterable[tuple[str, Any]]) -> str:
    rows = "".join(
        f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in pairs if value not in (None, "")
    )
    return f"<table>{rows}</table>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "<p>—</p>"
    head = "".join(f"<th>{_text(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    return f"<td{' class=num' if isinstance(value, int | float) else ''}>{_text(value)}</td>"


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return escape(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))
