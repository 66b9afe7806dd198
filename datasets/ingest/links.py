"""What a report says of a link: how often it found its record, and what is wrong where that is too seldom."""

from dataclasses import dataclass
from typing import Any

from publicgsb.datasets.contracts.model import Label, LinkSeverity


@dataclass(frozen=True, slots=True)
class Padded:
    """What zeroPad would do for a link: with `field` filled up to `width`, so many rows find their record."""

    field: str
    width: int
    matched: int


@dataclass(frozen=True, slots=True)
class LinkFound:
    """How often a link found its record, and what the keys that did not look like: never the keys."""

    name: str
    to: str  # agency/dataset
    rows: int
    matched: int
    unmatched_keys: int  # distinct ones
    shapes: tuple[tuple[str, int], ...]  # the commonest first, with how many keys have them
    fields: tuple[str, ...] = ()
    mostly: float = 0.0  # the share of rows that the contract expects to find theirs
    severity: LinkSeverity = LinkSeverity.WARN
    padded: Padded | None = None  # None: zeros are not what is missing, or nothing is

    @property
    def is_too_seldom(self) -> bool:
        return self.matched < round(self.mostly * self.rows, 6)  # 0.07 * 100 is a little more than 7

    def as_json(self) -> dict[str, Any]:
        padded = self.padded
        return {
            "name": self.name,
            "to": self.to,
            "rows": self.rows,
            "matched": self.matched,
            "rate": round(self.matched / self.rows, 4) if self.rows else None,
            "mostly": self.mostly,
            "unmatchedKeys": self.unmatched_keys,
            "unmatchedShapes": [{"shape": shape, "keys": keys} for shape, keys in self.shapes],
            "zeroPad": padded
            and {
                "field": padded.field,
                "width": padded.width,
                "matched": padded.matched,
                "rate": round(padded.matched / self.rows, 4),
            },
        }


@dataclass(frozen=True, slots=True)
class Warned:
    """To be known before the release is approved or made; it keeps nobody from it."""

    code: str
    field: str
    message: Label
    fix: Label

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "field": self.field,
            "message": {"fa": self.message.fa, "en": self.message.en},
            "fix": {"fa": self.fix.fa, "en": self.fix.en},
        }


def warning(link: LinkFound) -> Warned | None:
    """None for a link that finds its record as often as its contract expects."""
    if not link.is_too_seldom:
        return None
    return Warned("link-match", ", ".join(link.fields), _message(link), fix_of(link))


def fix_of(link: LinkFound) -> Label:
    """Lost zeros, where putting them back mends it, and by how much; else where to look."""
    if (padded := link.padded) is not None:
        then = f"{padded.matched:,}/{link.rows:,} ({share(padded.matched, link.rows)})"
        return Label(
            f"صفرهای آغاز کد از دست رفته‌اند؟ با apply: [{{zeroPad: {padded.width}}}] بر {padded.field} این پیوند"
            f" {then} می‌یابد.",
            f"Leading zeros lost? With apply: [{{zeroPad: {padded.width}}}] on {padded.field} it would find {then}.",
        )
    return Label(
        f"ببینید ستون درست نام برده شده و {link.to} کامل باشد؛ اگر همین درست است mostly پیوند را کم کنید.",
        f"See whether the right column is named and {link.to} is complete; if so, lower the link's mostly.",
    )


def share(part: int, whole: int) -> str:
    """One decimal; 100 % is said of all alone."""
    return f"{1000 * part // whole / 10:g} %" if whole else "–"


def _message(link: LinkFound) -> Label:
    found = f"{link.matched:,}/{link.rows:,} ({share(link.matched, link.rows)})"
    shapes = ", ".join(f"{shape} ({keys:,})" for shape, keys in link.shapes)
    return Label(
        f"پیوند «{link.name}» به {link.to} تنها برای {found} ردیف رکوردش را یافت؛ انتظار {100 * link.mostly:g}٪ است."
        + (f" شکل کلیدهای نایافته: {shapes}." if shapes else ""),
        f"The link {link.name} to {link.to} found its record for {found} rows; {100 * link.mostly:g} % should."
        + (f" Keys that found nothing look like {shapes}." if shapes else ""),
    )
