"""The part of a dataset's page that says how good it is, and what would raise it, in two languages."""

from dataclasses import dataclass

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.quality.metrics import POINTS_MAX
from publicgsb.datasets.quality.mqa import Rating
from publicgsb.datasets.quality.score import Part, PartName
from publicgsb.datasets.quality.service import Quality
from publicgsb.datasets.quality.wording import counted, raised_by
from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.words import Words

_PARTS = {
    PartName.COMPLETENESS: Label("کامل بودن", "Completeness"),
    PartName.VALIDITY: Label("درستی", "Validity"),
    PartName.KEYS: Label("یکتایی کلید", "Unique keys"),
    PartName.LINKS: Label("پیوند", "Links"),
    PartName.TIMELINESS: Label("به‌هنگام بودن", "Timeliness"),
}
_RATINGS = {
    Rating.BAD: Label("بد", "bad"),
    Rating.SUFFICIENT: Label("بسنده", "sufficient"),
    Rating.GOOD: Label("خوب", "good"),
    Rating.EXCELLENT: Label("عالی", "excellent"),
}
_HEADING, _DATA, _METADATA = Label("کیفیت", "Quality"), Label("داده", "Data"), Label("فراداده (MQA)", "Metadata (MQA)")
_PART, _POINTS = Label("بخش", "Part"), Label("امتیاز", "Points")
_COUNTED, _RAISED = Label("شمارش", "Counted"), Label("چه چیز آن را بالا می‌برد", "What would raise it")
_OF = Label("{points} از {of}", "{points} of {of}")


@dataclass(frozen=True, slots=True)
class QualityWords:
    heading: str
    data: str
    metadata: str
    part: str
    points: str
    counted: str
    raised: str


@dataclass(frozen=True, slots=True)
class _PartLine:
    name: str
    points: str
    counted: str
    raised: str  # "" where it is full


@dataclass(frozen=True, slots=True)
class QualityView:
    words: QualityWords
    data: str  # "" for a dataset that is not served
    metadata: str
    parts: tuple[_PartLine, ...]
    missed: tuple[str, ...]  # what would raise the metadata, in order of points


def view(found: Quality, front: Words) -> QualityView:
    pick, lang = front.pick, front.lang
    labels = (_HEADING, _DATA, _METADATA, _PART, _POINTS, _COUNTED, _RAISED)
    missed = sorted((one.metric for one in found.metadata.measured if not one.is_met), key=lambda one: -one.points)
    metadata = pick(_OF).format(points=found.metadata.points, of=POINTS_MAX)
    return QualityView(
        words=QualityWords(*map(pick, labels)),
        data=_of(found.data.value, 100, front) if found.data else "",
        metadata=f"{formats.digits(metadata, lang)} ({pick(_RATINGS[found.metadata.rating])})",
        parts=tuple(_line(part, front) for part in found.data.parts) if found.data else (),
        missed=tuple(
            f"+{one.points}: {pick(one.raised_by)}" if lang == "en" else _missed_fa(one.points, one.raised_by)
            for one in missed
        ),
    )


def _missed_fa(points: int, raised_by: Label) -> str:
    return f"{formats.digits(str(points), 'fa')}+: {raised_by.fa}"


def _line(part: Part, front: Words) -> _PartLine:
    raised = raised_by(part)
    return _PartLine(
        front.pick(_PARTS[part.name]),
        _of(part.tenths / 10, part.weight, front),
        formats.digits(front.pick(counted(part)), front.lang),
        formats.digits(front.pick(raised), front.lang) if raised else "",
    )


def _of(points: float, of: int, front: Words) -> str:
    text = f"{points:.1f}".removesuffix(".0")
    if front.lang == "fa":
        text = text.replace(".", "٫")
    return formats.digits(front.pick(_OF).format(points=text, of=of), front.lang)
