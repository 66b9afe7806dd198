"""The quality of a dataset, both kinds: of what its catalogue says, and of what its rows hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.exports.dcat import dataset_node
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.quality.metrics import POINTS_MAX, Dimension
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.quality.mqa import Metadata, measure
from publicgsb.datasets.quality.profile import Node
from publicgsb.datasets.quality.score import DataScore, data_score
from publicgsb.datasets.quality.wording import counted, raised_by
from publicgsb.datasets.registry import DatasetEntry

NOBODY_ASKED: Mapping[int, Answered] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Quality:
    """`data` is None for a dataset that is not served."""

    metadata: Metadata
    data: DataScore | None
    answered: Answered | None
    day: date  # on which it was so


def quality(entry: DatasetEntry, base_url: str, made: Made | None, answered: Answered | None, today: date) -> Quality:
    """`made` is of the current release, `answered` the newest finding for the dataset, `today` the day in UTC."""
    return quality_of_node(entry, dataset_node(entry, base_url, made), answered, today)


def quality_of_node(entry: DatasetEntry, node: Node, answered: Answered | None, today: date) -> Quality:
    """`node` is what the catalogue says of the dataset. Files of another release were never asked for."""
    if answered is not None and (entry.current is None or entry.current.id != answered.release_id):
        answered = replace(answered, files={})
    return Quality(measure(node, answered), data_score(entry, today), answered, today)


def in_short(found: Quality) -> dict[str, Any]:
    """For the catalogue."""
    return {
        "score": found.data.value if found.data else None,
        "mqa": {"points": found.metadata.points, "of": POINTS_MAX, "rating": found.metadata.rating.value},
    }


def as_json(entry: DatasetEntry, found: Quality) -> dict[str, Any]:
    """All of it: each metric and each part, how it was measured, and what would raise it."""
    metadata, current = found.metadata, entry.current
    return {
        "dataset": entry.name,
        "release": current.seq if current else None,
        "day": found.day.isoformat(),
        "data": _data(found.data),
        "mqa": {
            "points": metadata.points,
            "of": POINTS_MAX,
            "rating": metadata.rating.value,
            "askedAt": found.answered.asked_at.isoformat() if found.answered else None,
            "dimensions": [_dimension(metadata, dimension) for dimension in Dimension],
        },
    }


def _data(found: DataScore | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "score": found.value,
        "of": 100,
        "parts": [
            {
                "name": part.name.value,
                "weight": part.weight,
                "points": part.tenths / 10,
                "share": round(float(part.share), 6),
                "counted": _label(counted(part)),
                "raisedBy": _label(raised_by(part)),
            }
            for part in found.parts
        ],
    }


def _dimension(metadata: Metadata, dimension: Dimension) -> dict[str, Any]:
    own = [one for one in metadata.measured if one.metric.dimension is dimension]
    return {
        "name": dimension.value,
        "points": metadata.of(dimension),
        "of": sum(one.metric.points for one in own),
        "metrics": [
            {
                "name": one.metric.name,
                "points": one.points,
                "of": one.metric.points,
                "measured": _label(one.metric.measured),
                "raisedBy": None if one.is_met else _label(one.metric.raised_by),
            }
            for one in own
        ],
    }


def _label(label: Label | None) -> dict[str, str] | None:
    return {"fa": label.fa, "en": label.en} if label else None
