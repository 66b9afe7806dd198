"""The schema's changes in two languages, and as a feed that readers take."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from tests.platform.portal.test_page import _Checker

from publicgsb.platform.server.portal.changelog import LINES_MAX, changelog_json, render_changelog, render_feed
from publicgsb.schema.serving.history import Entry
from publicgsb.schema.types.changes import Change, ChangeKind

BASE = "http://127.0.0.1:8000"
WHEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
CHANGES = (
    Change(ChangeKind.ADDED, "Air.airports", "Field Air.airports was added."),
    Change(ChangeKind.CHANGED, "Air.city", "Field Air.city changed type from <Int> to String.", is_breaking=True),
    Change(ChangeKind.REMOVED, "AirOld", "AirOld was removed.", is_breaking=True),
)
ENTRIES = (Entry(2, 12, "b" * 64, WHEN, CHANGES, False), Entry(1, 7, "a" * 64, WHEN, (), True))


def test_the_page_is_whole_loads_nothing_and_tells_each_change_in_both_languages() -> None:
    page = render_changelog(ENTRIES, BASE)
    checker = _Checker()
    checker.feed(page.replace('<link rel="alternate"', '<meta data-rel="alternate"'))
    assert checker.open == []
    assert checker.loaded == []
    assert len(checker.ids) == len(set(checker.ids))
    fa, en = page.split('id="en"')
    assert "نسخهٔ ۱۲" in fa
    assert "۲ آذر ۱۴۰۵" in fa
    assert "ناسازگار" in fa
    assert "Version 12" in en
    assert page.count('<code dir="ltr">AirOld</code>') == 2
    assert "&lt;Int&gt;" in page


def test_a_long_list_is_cut_on_the_page_and_whole_in_the_json() -> None:
    many = tuple(Change(ChangeKind.ADDED, f"T{at}", "") for at in range(LINES_MAX + 5))
    entries = [Entry(2, 2, "b" * 64, WHEN, many, False)]
    assert "and 5 more" in render_changelog(entries, BASE)
    assert len(changelog_json(entries)["versions"][0]["changes"]) == LINES_MAX + 5


def test_the_feed_has_what_atom_demands() -> None:
    feed = ElementTree.fromstring(render_feed(ENTRIES, BASE))
    for parent in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert parent.findtext(f"{ATOM}{name}"), name
    ids = [one.findtext(f"{ATOM}id") for one in feed.findall(f"{ATOM}entry")]
    assert len(set(ids)) == 2
    assert "AirOld (breaking)" in feed.findtext(f"{ATOM}entry/{ATOM}content", "")


def test_without_any_entry_the_page_and_the_feed_are_still_whole() -> None:
    assert "Nothing is recorded yet" in render_changelog([], BASE)
    assert ElementTree.fromstring(render_feed([], BASE)).findtext(f"{ATOM}updated")
