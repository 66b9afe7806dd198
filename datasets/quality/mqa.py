"""A dataset's points of 405, measured on its node in the catalogue and on what its addresses answer."""

from collections.abc import Mapping
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
    files = members(dataset, "dcat:distribution")
    candidates = [_measured(Seen(dataset, one, access, statuses.get(file_name(one)))) for one in files]
    if not candidates:
        candidates = [_measured(Seen(dataset, {}, None, None))]
    return max(candidates, key=lambda one: one.points)


def file_name(distribution: Node) -> str:
    """The last part of its address."""
    return str(distribution["@id"]).rpartition("/")[2]


def _measured(seen: Seen) -> Metadata:
    return Metadata(tuple(Measured(metric, metric.is_met(seen)) for metric in METRICS))
