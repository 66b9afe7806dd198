"""What an answer says of the datasets on their way out that it touches."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.schema.registries import small_registry

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.registry import DatasetEntry, Deprecation
from publicgsb.schema.sql.endings import ending_headers


def entries() -> list[DatasetEntry]:
    return list(small_registry().datasets.values())


def going(entry: DatasetEntry, day: int, successor: str | None) -> DatasetEntry:
    at = datetime(2026, 11, day, 9, 0, tzinfo=UTC)
    return replace(entry, deprecation=Deprecation(at, date(2027, 3, day), successor, Label("د", "Why")))


def test_what_stays_says_nothing() -> None:
    assert ending_headers(entries()) == ()


def test_one_that_goes_says_since_when_until_when_and_what_comes_instead() -> None:
    one, *others = entries()
    assert ending_headers([*others, going(one, 20, "geo/countries_v2")]) == (
        (b"deprecation", b"@1795165200"),
        (b"sunset", b"Sat, 20 Mar 2027 23:59:59 GMT"),
        (b"link", b'</api/v1/agencies/geo/datasets/countries_v2>; rel="successor-version"'),
    )
    assert [name for name, _ in ending_headers([going(one, 20, None)])] == [b"deprecation", b"sunset"]


def test_of_several_the_nearest_end_is_told_and_each_successor_once() -> None:
    one, two, three = entries()
    found = dict(
        ending_headers([going(one, 22, "a/x"), going(two, 21, "a/y"), going(three, 23, "a/x"), going(one, 22, "a/x")])
    )
    assert found[b"sunset"] == b"Sun, 21 Mar 2027 23:59:59 GMT"
    assert found[b"deprecation"] == b"@%d" % datetime(2026, 11, 21, 9, 0, tzinfo=UTC).timestamp()
    assert [link.split(b">")[0] for link in found[b"link"].split(b", ")] == [
        b"</api/v1/agencies/a/datasets/x",
        b"</api/v1/agencies/a/datasets/y",
    ]
