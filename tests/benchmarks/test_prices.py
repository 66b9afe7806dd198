"""That the bench ranks as Spearman did, and that its picture holds every point."""

import re

import pytest
from benchmarks import dearer, priced
from benchmarks.ranks import correlation
from benchmarks.scatter import plot


@pytest.mark.parametrize(
    ("xs", "ys", "expected"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 4000], 1.0),
        ([1, 2, 3, 4], [9, 7, 5, 3], -1.0),
        ([1, 2, 2, 3], [1, 3, 2, 4], 0.9486832980505138),  # the same as scipy.stats.spearmanr
        ([1, 1, 1], [1, 2, 3], 0.0),
    ],
)
def test_ranks_correlate_with_the_mean_rank_for_equal_values(xs: list[float], ys: list[float], expected: float) -> None:
    assert correlation(xs, ys) == pytest.approx(expected)


def test_at_least_two_hundred_operations_are_weighed_and_no_two_are_the_same() -> None:
    found = [*priced.operations(), *dearer.operations()]
    assert len({(one.document, str(one.variables)) for one in found}) == len(found) >= 200


def test_every_kind_of_question_with_a_price_of_its_own_is_weighed() -> None:
    kinds = {one.kind for one in dearer.operations()}
    assert kinds == {"aggregate", "search", "near", "changes", "count", "shortcut"}


def test_the_picture_has_a_circle_for_each_point_inside_its_frame() -> None:
    text = plot("a < b", "x", "y", {"first": [(1, 0.02), (90, 30)], "second": [(3, 1)]})
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"', text)
    assert len(circles) == 3 + 2  # of the legend
    assert sum(64 <= float(x) <= 630 and 44 <= float(y) <= 408 for x, y in circles) == 3
    assert "a &lt; b" in text


def test_no_two_series_look_alike() -> None:
    text = plot("t", "x", "y", {f"kind {number}": [(1, 1)] for number in range(11)})
    shapes = re.findall(r'<(circle|path d="M[^l]*(?:l[^"]*)")[^>]*fill="(#\w+)" fill-opacity="1"', text)
    assert len({(shape.partition("l")[2], colour) for shape, colour in shapes}) == 11
