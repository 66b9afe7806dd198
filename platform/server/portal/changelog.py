"""What changed in the schema: a page in both languages, JSON, and an Atom feed, as pure functions of the entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.page import PAGES, STYLE
from publicgsb.schema.serving.history import Entry
from publicgsb.schema.types.changes import Change, ChangeKind

LINES_MAX = 200  # of one entry on the page; the JSON has all


@dataclass(frozen=True, slots=True)
class ChangelogWords:
    lang: str
    direction: str
    title: str
    tagline: str
    other_language: str
    version: str  # {number}
    first: str
    nothing: str
    more: str  # {number}
    breaking: str
    home: str
    feed: str
    kinds: dict[ChangeKind, str]


_FA = ChangelogWords(
    lang="fa",
    direction="rtl",
    title="دگرگونی‌های طرح‌واره",
    tagline="در هر نسخه چه افزوده، کنار گذاشته، دگرگون یا برداشته شد.",
    other_language="English below",
    version="نسخهٔ {number}",
    first="نخستین طرح‌واره‌ای که ثبت شد.",
    nothing="هنوز چیزی ثبت نشده است.",
    more="و {number} تای دیگر؛ همه در changelog.json",
    breaking="ناسازگار",
    home="صفحهٔ نخست",
    feed="خوراک Atom",
    kinds={
        ChangeKind.ADDED: "افزوده",
        ChangeKind.DEPRECATED: "کنار گذاشته",
        ChangeKind.CHANGED: "دگرگون",
        ChangeKind.REMOVED: "برداشته",
    },
)
_EN = ChangelogWords(
    lang="en",
    direction="ltr",
    title="Changes of the schema",
    tagline="What each version added, deprecated, changed or removed.",
    other_language="فارسی در بالا",
    version="Version {number}",
    first="The first schema that was recorded.",
    nothing="Nothing is recorded yet.",
    more="and {number} more; all of them in changelog.json",
    breaking="breaking",
    home="Front page",
    feed="Atom feed",
    kinds={
        ChangeKind.ADDED: "Added",
        ChangeKind.DEPRECATED: "Deprecated",
        ChangeKind.CHANGED: "Changed",
        ChangeKind.REMOVED: "Removed",
    },
)


@dataclass(frozen=True, slots=True)
class _Group:
    heading: str
    lines: tuple[Change, ...]
    more: str  # "" when all are shown


@dataclass(frozen=True, slots=True)
class _Version:
    anchor: str
    heading: str
    day: str
    day_iso: str
    first: str  # "" for every version but the first
    groups: tuple[_Group, ...]


@dataclass(frozen=True, slots=True)
class _Half:
    words: ChangelogWords
    versions: tuple[_Version, ...]


def render_changelog(entries: Sequence[Entry], base_url: str) -> str:
    halves = [_Half(words, tuple(_version(one, words) for one in entries)) for words in (_FA, _EN)]
    return PAGES.get_template("changelog.html").render(style=STYLE, halves=halves, base_url=base_url)


def render_feed(entries: Sequence[Entry], base_url: str) -> str:
    """Atom 1.0 (RFC 4287)."""
    versions = [(one, _version(one, _EN)) for one in entries]
    return PAGES.get_template("changelog.atom").render(versions=versions, base_url=base_url)


def changelog_json(entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        "versions": [
            {
                "schemaVersion": one.schema_version,
                "sdlSha256": one.sdl_sha256,
                "recordedAt": one.recorded_at.isoformat(),
                "changes": [change.as_json() for change in one.changes],
            }
            for one in entries
        ]
    }


def _version(entry: Entry, words: ChangelogWords) -> _Version:
    day = entry.recorded_at.date()
    return _Version(
        anchor=f"{words.lang}-{entry.id}",
        heading=words.version.format(number=formats.number(entry.schema_version, words.lang)),
        day=formats.day(day, words.lang),
        day_iso=day.isoformat(),
        first=words.first if entry.is_first else "",
        groups=tuple(_groups(entry, words)),
    )


def _groups(entry: Entry, words: ChangelogWords) -> list[_Group]:
    groups = []
    for kind, heading in words.kinds.items():
        lines = [one for one in entry.changes if one.kind is kind]
        if lines:
            left = len(lines) - LINES_MAX
            more = words.more.format(number=formats.number(left, words.lang)) if left > 0 else ""
            groups.append(_Group(heading, tuple(lines[:LINES_MAX]), more))
    return groups
