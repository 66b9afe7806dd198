"""A dataset's points of 405, measured on its node in the catalogue and on what its addresses answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.quality.metrics import METRICS, Dimension, Metric, Seen
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.quality.profile import Node, members


class Rating(StrEnum):
    """Up to 120, 220, 350 and 405 points."""

    BAD = "bad"
    SUFFICIENT = "sufficient"
    GOOD = "good"
    EXCELLENT = "excellent"


_OF_DATASET = tuple(metric for metric in METRICS if not metric.is_of_file)
_OF_FILES = tuple(metric for metric in METRICS if metric.is_of_file)
_ABOVE = ((350, Rating.EXCELLENT), (220, Rating.GOOD), (120, Rating.SUFFICIENT))


@dataclass(frozen=True, slots=True)
class Measured:
    metric: Metric
    is_met: bool

    @property
    def points(self) -> int:
        return self.metric.points if self.is_met else 0


@dataclass(frozen=True, slots=True)
class Metadata:
    """Of the dataset, and of its best file: as the assessment does it, one file has to earn all points of files."""

    measured: tuple[Measured, ...]

    @property
    def points(self) -> int:
        return sum(one.points for one in self.measured)

    @property
    def rating(self) -> Rating:
        return next((rating for points, rating in _ABOVE if self.points > points), Rating.BAD)

    def of(self, dimension: Dimension) -> int:
        return sum(one.points for one in self.measured if one.metric.dimension is dimension)


def measure(dataset: Node, answered: Answered | None) -> Metadata:
    """`dataset` is the node as it is published; `answered` is None when nobody has asked its addresses yet."""
    access = answered.access if answered else None
    statuses: Mapping[str, int | None] = answered.files if answered else {}
    met = _met(Seen(dataset, {}, None, None), _OF_DATASET)
    candidates = [
        _met(Seen(dataset, one, access, statuses.get(file_name(one))), _OF_FILES) for one in _one_of_each(dataset)
    ]
    if candidates:
        best: frozenset[str] = max(candidates, key=_points)
        met |= best
    return Metadata(tuple(Measured(metric, metric.name in met) for metric in METRICS))


def file_name(distribution: Node) -> str:
    """The last part of its address."""
    return str(distribution["@id"]).rpartition("/")[2]


def _one_of_each(dataset: Node) -> Iterable[Node]:
    """The first file of each format: the parts of one are told and served alike."""
    found: dict[str, Node] = {}
    for one in members(dataset, "dcat:distribution"):
        found.setdefault(str(one.get("dct:format")), one)
    return found.values()


def _met(seen: Seen, metrics: Iterable[Metric]) -> frozenset[str]:
    return frozenset(metric.name for metric in metrics if metric.is_met(seen))


def _points(met: frozenset[str]) -> int:
    return sum(metric.points for metric in _OF_FILES if metric.name in met)
