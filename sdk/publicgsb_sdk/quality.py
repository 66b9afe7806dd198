"""How good a dataset is, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from publicgsb_sdk.contract import Label
from publicgsb_sdk.wire import items, members


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score. `counted` says what was measured, `raised_by` what would raise it, None when it is full.

    >>> part = gsb.dataset("aviation.airports").quality().parts[0]
    >>> part.name, part.points, part.of
    ('complete', 18.5, 20)
    """

    name: str
    points: float
    of: float
    counted: Label | None
    raised_by: Label | None


@dataclass(frozen=True, slots=True)
class Quality:
    """`score`: of 100, for the rows; None where none are served. `metadata_points`: of `metadata_of`, for what the
    catalogue says. `day` is that of the judgement, in UTC.

    >>> quality = gsb.dataset("aviation.airports").quality()
    >>> quality.score, quality.metadata_points, quality.metadata_of
    (91.5, 300, 405)
    """

    day: date
    release: int | None
    score: float | None
    parts: tuple[Part, ...]
    metadata_points: int
    metadata_of: int
    metadata_rating: str
    metadata: tuple[Part, ...]


def read_quality(document: Mapping[str, Any]) -> Quality:
    """The quality in an answer of the service."""
    data, metadata = members(document["data"]), document["mqa"]
    return Quality(
        day=date.fromisoformat(document["day"]),
        release=document["release"],
        score=data.get("score"),
        parts=tuple(_part(one, one["weight"]) for one in items(data.get("parts"))),
        metadata_points=metadata["points"],
        metadata_of=metadata["of"],
        metadata_rating=metadata["rating"],
        metadata=tuple(_part(one, one["of"]) for one in metadata["dimensions"]),
    )


def _part(item: Mapping[str, Any], of: float) -> Part:
    return Part(item["name"], item["points"], of, _label(item.get("counted")), _label(item.get("raisedBy")))


def _label(item: Mapping[str, str] | None) -> Label | None:
    return Label(item["fa"], item["en"]) if item else None
