"""Which bytes a request asks for: RFC 9110, section 14."""

import pytest

from publicgsb.datasets.exports.ranges import RANGES_MAX, Range, UnsatisfiableError, wanted


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=5-", [(5, 100)]),
        ("bytes=-5", [(95, 100)]),
        ("bytes=-1000", [(0, 100)]),
        ("bytes=90-1000", [(90, 100)]),
        ("Bytes= 1-2 , 3-4,,50-50", [(1, 5), (50, 51)]),
        ("bytes=50-60,0-9,55-70", [(0, 10), (50, 71)]),
        ("bytes=0-1,200-300", [(0, 2)]),
    ],
)
def test_what_is_asked_for_is_found_sorted_and_joined(header: str, expected: list[tuple[int, int]]) -> None:
    assert wanted(header, 100) == tuple(Range(*one) for one in expected)


@pytest.mark.parametrize(
    "header", [None, "lines=1-2", "bytes", "bytes=", "bytes=a-b", "bytes=-", "bytes=9-5", "bytes=0-1,x"]
)
def test_what_has_no_meaning_is_answered_with_all_of_it(header: str | None) -> None:
    assert wanted(header, 100) is None


@pytest.mark.parametrize(
    "header",
    ["bytes=100-", "bytes=-0", "bytes=200-300", "bytes=" + ",".join(f"{n * 3}-{n * 3}" for n in range(RANGES_MAX + 1))],
)
def test_what_cannot_be_met_is_refused(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        wanted(header, 100)
