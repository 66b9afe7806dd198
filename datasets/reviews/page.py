"""The review of a submission on paper: one HTML page in Persian and English, without scripts, of what the JSON says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from publicgsb.datasets.reviews.page_contract import contract_part
from publicgsb.datasets.reviews.page_parts import Cell, document, heading, lines, pairs, table, text, words

ERRORS_SHOWN_MAX = 10

_STATES = {
    "draft": ("پیش‌نویس", "draft"),
    "validating": ("در حال سنجش", "being checked"),
    "failed": ("پذیرفته نشد", "failed"),
    "in_review": ("در انتظار بررسی", "in review"),
    "sent_back": ("بازگردانده شد", "sent back"),
    "approved": ("تأیید شد", "approved"),
    "embargoed": ("تأیید شد، تا پایان مهلت", "approved, under embargo"),
    "published": ("منتشر شد", "published"),
    "withdrawn": ("پس گرفته شد", "withdrawn"),
    "superseded": ("منتشر شد و نسخهٔ تازه‌تری دارد", "published, superseded"),
    "recalled": ("بازپس‌گیری شد", "recalled"),
}
_DECISIONS = {
    "publish": ("انتشار", "publish"),
    "transform": ("تبدیل", "transform"),
    "drop": ("حذف", "drop"),
    "review": ("بازبینی", "review"),
}
_CHANGES = {
    "first": ("نخستین", "first"),
    "none": ("بی‌تغییر", "none"),
    "patch": ("جزئی", "patch"),
    "minor": ("افزایشی", "minor"),
    "major": ("شکننده", "major"),
}
_UNDECIDED = frozenset({"in_review", "approved", "embargoed"})  # in which it matters whether the check still holds


def review_page(told: Mapping[str, Any], now: datetime) -> str:
    """`told` is what reviews/told.py makes; every text of it is escaped."""
    review, report = told.get("review") or {}, told.get("report") or {}
    parts = [
        f"<h1><bdi>{text(told['dataset'])}</bdi> — {words('بررسی پیش از انتشار', 'review')}</h1>",
        pairs(_head(told)),
        *_warnings(report),
        *_changes(review),
        *contract_part(review),
        *_rows(report),
        *_gate(report.get("privacy") or {}),
        *_links(review, report),
        *_look(review),
        *_hurt(told["wouldHurt"]),
        _signatures(told),
        f"<p><small>{text(now.isoformat(timespec='seconds'))}</small></p>",
    ]
    return document(f"{told['dataset']} {told['id']}", parts)


def _head(told: Mapping[str, Any]) -> list[tuple[str, str, Cell]]:
    file, checked, notes = told["file"], told["checked"] or {}, told.get("notes")
    holds = (
        words("بله", "yes")
        if told["holds"]
        else words("خیر؛ پیش از تأیید دوباره سنجیده می‌شود", "no: it will be checked again before it can be approved")
    )
    return [
        ("شناسه", "Submission", told["id"]),
        ("وضعیت", "State", words(*_STATES[told["state"]])),
        ("تحویل‌دهنده", "Submitted by", told["submittedBy"]),
        ("زمان تحویل", "Handed in at", _moment(told["createdAt"])),
        ("انتشار نه پیش از", "Embargo until", _moment(told["embargoUntil"])),
        ("پرونده", "File", f"{file['bytes']:,} bytes, SHA-256 {file['sha256']}"),
        ("شیوه", "Mode", file["mode"]),
        ("وضع روز", "As of", file["asOf"]),
        ("یادداشت انتشار", "Notes of the release", lines(notes["fa"], notes["en"]) if notes else None),
        ("چکیدهٔ قرارداد", "Contract SHA-256", checked.get("contractSha256")),
        ("قواعد دروازه", "Rules of the privacy gate", checked.get("gate")),
        (
            "همان است که سنجیده شد",
            "Checked is what would be published",
            holds if told["state"] in _UNDECIDED else None,
        ),
        ("تصمیم از", "Decided by", told["decidedBy"]),
        ("زمان تصمیم", "Decided at", _moment(told["decidedAt"])),
        ("دلیل", "Reason", told["reason"]),
    ]


def _changes(review: Mapping[str, Any]) -> Iterable[str]:
    if not review:
        return
    rows, contract = review["rows"], review["contract"]
    served = rows["served"]
    now = f"release {served['release']}, {served['rows']:,} rows" if served else words("هنوز هیچ", "nothing yet")
    kind = _CHANGES[contract["class"]]
    versions = f"{contract['from'] or '–'} → {contract['to']}"
    yield heading("تفاوت با نسخهٔ کنونی", "Against what is served")
    yield pairs(
        [
            ("ردیف‌ها", "Rows", rows["rows"]),
            ("نسخهٔ کنونی", "Served now", now),
            ("تفاوت", "Difference", f"{rows['difference']:+,}"),
            ("افزوده", "Records added", rows.get("added")),
            ("برداشته", "Records removed", rows.get("removed")),
            ("دگرگون", "Records changed", rows.get("changed")),
            ("در برابر نسخهٔ", "Compared with release", rows["comparedWith"]),
            ("تغییر قرارداد", "Change of the contract", words(kind[0], f"{kind[1]} ({versions})")),
            ("آنچه می‌شکند", "It breaks", "; ".join(contract["breaks"])),
            ("خانه‌های پوشیده", "Suppressed cells", review.get("suppressedCells")),
        ]
    )


def _warnings(report: Mapping[str, Any]) -> Iterable[str]:
    """First of all: what nothing refuses, and a reviewer should not miss."""
    if report.get("warnings"):
        yield heading("پیش از تأیید ببینید", "To be looked at before it is approved")
        yield table(
            [("ستون", "Field"), ("شرح", "What and how to fix")],
            [(one["field"], lines(_what(one, "fa"), _what(one, "en"))) for one in report["warnings"]],
        )


def _rows(report: Mapping[str, Any]) -> Iterable[str]:
    if not report:
        return
    yield heading("ردیف‌ها و خطاها", "Rows and errors")
    yield pairs(
        [
            ("ردیف خوانده‌شده", "Rows read", report["rowsRead"]),
            ("خطاها", "Errors", report["errorsTotal"]),
            *(("خطای", code, count) for code, count in report["counts"].items()),
        ]
    )
    if report.get("errors"):
        yield table(
            [("ردیف", "Row"), ("ستون", "Field"), ("شرح", "What and how to fix")],
            [
                (one["row"], one["field"], lines(_what(one, "fa"), _what(one, "en")))
                for one in report["errors"][:ERRORS_SHOWN_MAX]
            ],
        )


def _what(error: Mapping[str, Any], lang: str) -> str:
    return f"{error['message'][lang]} {error['fix'][lang]}"


def _gate(privacy: Mapping[str, Any]) -> Iterable[str]:
    """What the gate says of each column that it found something in, of groups, and of joins with others' releases."""
    if not privacy:
        return
    yield heading("دروازهٔ حریم خصوصی", "Privacy gate")
    found = [one for one in privacy["columns"] if one["evidence"] or one["decision"] != "publish"]
    if found:
        yield table(
            [("ستون", "Field"), ("حکم", "Verdict"), ("شواهد (شمار)", "Evidence (counts)"), ("پیشنهاد", "Proposal")],
            [
                (one["field"], words(*_DECISIONS[one["decision"]]), _evidence(one), _proposal(one["proposal"]))
                for one in found
            ],
        )
    else:
        yield f"<p>{lines('در هیچ ستونی چیزی شخصی یافت نشد.', 'Nothing personal was found in any column.')}</p>"
    yield pairs([("ماده", code, lines(told["fa"], told["en"])) for code, told in privacy["articles"].items()])
    yield from _groups(privacy.get("anonymity"))
    yield from _joins(privacy.get("linkage") or ())


def _evidence(column: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{one['kind']} {one['matched']:,} / {one['distinct']:,} ({one['legalBasis']})" for one in column["evidence"]
    )


def _proposal(proposal: Mapping[str, Any] | None) -> Cell:
    if proposal is None:
        return None
    if proposal["action"] == "drop":
        return words("منتشر نشود، با ذکر مستند", "withhold, with its ground")
    return ", ".join(
        step if isinstance(step, str) else " ".join(f"{name} {value}" for name, value in step.items())
        for step in proposal["apply"]
    )


def _groups(anonymity: Mapping[str, Any] | None) -> Iterable[str]:
    if anonymity is None:
        return
    held = ("اعلام‌شده", "declared") if anonymity["isDeclared"] else ("حدسی؛ تنها برای آگاهی", "guessed, only told")
    met = ("بله", "yes") if anonymity["isMet"] else ("خیر", "no")
    least = f"{anonymity['k']} {anonymity['unit']}" + (f", {anonymity['l']} values" if anonymity["l"] > 1 else "")
    yield pairs(
        [
            ("شبه‌شناسه‌ها", "Quasi-identifiers", ", ".join(anonymity["quasiIdentifiers"])),
            ("چگونه", "How they are known", words(*held)),
            ("هر گروه دست‌کم", "Each group has at least", f"{least} ({anonymity['profile']})"),
            ("همه چنین‌اند", "All groups do", words(*met)),
        ]
    )


def _joins(linkage: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    if linkage:
        yield table(
            [
                ("پیوند با", "Joined with"), ("از راه", "By"), ("یکتا می‌شود", "Become unique"),
                ("یک‌به‌یک", "One to one"),
            ],
            [
                (
                    one["dataset"], ", ".join(pair["here"] for pair in one["shared"]), one["becomeUnique"],
                    one["oneToOne"],
                )
                for one in linkage
            ],
        )  # fmt: skip


def _links(review: Mapping[str, Any], report: Mapping[str, Any]) -> Iterable[str]:
    if not review.get("links"):
        return
    shapes = {
        one["name"]: ", ".join(f"{shape['shape']} ({shape['keys']:,})" for shape in one["unmatchedShapes"])
        for one in report.get("links", ())
    }
    yield heading("پیوندها", "Links")
    yield table(
        [
            ("مجموعه‌داده", "Dataset"), ("پیوند", "Link"), ("ردیف‌ها", "Rows"), ("یافته", "Matched"), ("نرخ", "Rate"),
            ("نرخ کنونی", "Rate now"), ("شکل کلیدهای نایافته", "Shapes of keys that found nothing"),
        ],
        [
            (
                one["dataset"], one["link"], one["rows"], one["matched"], _rate(one["matched"], one["rows"]),
                None if one["servedMatchRate"] is None else f"{100 * one['servedMatchRate']:.4g} %",
                shapes.get(one["link"]) or None,
            )
            for one in review["links"]
        ],
    )  # fmt: skip


def _rate(matched: int, rows: int) -> str:
    """One decimal; 100 % is said of all alone."""
    return f"{1000 * matched // rows / 10:g} %" if rows else "–"


def _look(review: Mapping[str, Any]) -> Iterable[str]:
    if not review:
        return
    yield heading("نما، بی‌آنکه مقداری دیده شود", "What it looks like (shapes only)")
    yield table(
        [("ستون", "Column"), ("ردیف‌های دارای مقدار", "Rows with a value")],
        [(one["name"], one["values"]) for one in review["columns"]],
    )
    yield table([("", name) for name in review["sample"]["columns"]], review["sample"]["shapes"])


def _hurt(applications: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    yield heading("برنامه‌هایی که آسیب می‌بینند (۹۰ روز)", "Applications it would hurt (90 days)")
    yield table(
        [
            ("سازمان", "Organisation"), ("برنامه", "Application"), ("ستون‌ها", "Fields"), ("درخواست‌ها", "Requests"),
            ("آخرین روز", "Last on"),
        ],
        [
            (one["organisation"], one["name"], ", ".join(one["fields"]), one["requests"], one["lastOn"])
            for one in applications
        ],
    )  # fmt: skip


def _signatures(told: Mapping[str, Any]) -> str:
    return (
        f"<div class=signed><div>{words('تحویل‌دهنده', 'Submitted by')}<br>{text(told['submittedBy'])}</div>"
        f"<div>{words('بررسی‌کننده', 'Reviewed by')}<br>{text(told['decidedBy'] or '')}</div></div>"
    )


def _moment(iso: str | None) -> str | None:
    """To the minute, in UTC as everywhere."""
    return None if iso is None else f"{iso[:16].replace('T', ' ')} UTC"
