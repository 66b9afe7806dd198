"""The page of one dataset in two languages: what it is, its fields, its files; and the same for search engines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from publicgsb.datasets.contracts.decisions import statement_of
from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field
from publicgsb.datasets.exports.distributions import Distribution, distributions
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.exports.schema_org import schema_org
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.quality.service import Quality, quality
from publicgsb.datasets.registry import DatasetEntry, DatasetState
from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.page import PAGES, STYLE
from publicgsb.platform.server.portal.quality import QualityView, view
from publicgsb.platform.server.portal.states import state_of
from publicgsb.platform.server.portal.words import EN, FA, Words


@dataclass(frozen=True, slots=True)
class _PageWords:
    """What the front page does not say already."""

    fields: str
    field: str
    label: str
    kind: str
    unit: str
    files: str
    file: str
    size: str
    signed: str
    ground: str
    decided: str
    review: str
    home: str
    news: str
    place: str


_FA = _PageWords(
    fields="ستون‌ها",
    field="ستون",
    label="عنوان",
    kind="نوع",
    unit="واحد",
    files="فایل‌ها",
    file="فایل",
    size="بایت",
    signed="فهرست فایل‌ها برای برنامه‌ها، با نشانی‌هایی که سرآیند نمی‌خواهند:",
    ground="مبنای قانونی",
    decided="تصمیم {office}، {day}",
    review="بازنگری: {day}",
    home="صفحهٔ نخست",
    news="تازه‌های این انتشار",
    place="پهنهٔ جغرافیایی",
)
_EN = _PageWords(
    fields="Fields",
    field="Field",
    label="Label",
    kind="Type",
    unit="Unit",
    files="Files",
    file="File",
    size="Bytes",
    signed="The list of files for programs, with addresses that need no header:",
    ground="Legal ground",
    decided="decided by {office} on {day}",
    review="to be reviewed on {day}",
    home="Front page",
    news="New in it",
    place="Place",
)


@dataclass(frozen=True, slots=True)
class _FieldLine:
    name: str
    label: str
    kind: str
    unit: str
    access: str  # "" for the dataset's own


@dataclass(frozen=True, slots=True)
class _FileLine:
    name: str
    url: str
    rows: str
    size: str  # "" while it is not made
    sha256: str


@dataclass(frozen=True, slots=True)
class _Head:
    """What the frame of the pages asks of its words."""

    lang: str
    direction: str
    title: str
    tagline: str
    other_language: str


@dataclass(frozen=True, slots=True)
class _Half:
    words: _Head
    front: Words
    own: _PageWords
    access: str
    state: str
    ground: str
    rows: str
    release: str
    notes: str
    place: str
    fields: tuple[_FieldLine, ...]
    files: tuple[_FileLine, ...]
    quality: QualityView


def render_dataset(
    entry: DatasetEntry, base_url: str, made: Made | None, answered: Answered | None, today: date
) -> str:
    """`made` is of the current release, `answered` and `today` (UTC) are for its quality. Also of a dataset that is
    withheld or withdrawn: a page says why.
    """
    files = distributions(entry, base_url, made)
    found = quality(entry, base_url, made, answered, today)
    contract = entry.contract
    return PAGES.get_template("dataset.html").render(
        style=STYLE,
        base_url=base_url,
        halves=(_half(entry, files, FA, _FA, found), _half(entry, files, EN, _EN, found)),
        name=entry.name,
        licence=contract.licence,
        attribution=contract.attribution,
        source=contract.source,
        contract_url=f"{base_url}/api/v1/agencies/{entry.agency.slug}/datasets/{entry.slug}",
        list_url=f"{base_url}/api/v1/agencies/{entry.agency.slug}/datasets/{entry.slug}/releases/latest/files",
        quality_url=f"{base_url}/api/v1/datasets/{entry.agency.slug}/{entry.slug}/quality",
        structured=_script(schema_org(entry, base_url, made)),
    )


def _script(document: dict[str, Any]) -> Markup:
    """JSON inside a script element: what could end the element, or begin a comment in it, is written as an escape."""
    text = json.dumps(document, ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _half(entry: DatasetEntry, files: Sequence[Distribution], front: Words, own: _PageWords, found: Quality) -> _Half:
    contract, lang = entry.contract, front.lang
    current = None if entry.state is DatasetState.WITHDRAWN else entry.current
    head = _Head(
        lang, front.direction, front.pick(contract.title), front.pick(contract.description), front.other_language
    )
    return _Half(
        words=head,
        front=front,
        own=own,
        access="" if contract.access is AccessLevel.OPEN else front.access(contract.access),
        state=state_of(entry, front),
        ground=_ground(contract, front, own),
        rows=formats.number(current.rows, lang) if current else "",
        release=front.release_number.format(number=formats.number(current.seq, lang)) if current else "",
        notes=front.pick(current.notes) if current and current.notes else "",
        place=front.pick(contract.spatial.label) if contract.spatial else "",
        fields=tuple(_field(entry, field, front) for field in contract.fields),
        files=tuple(_file(one, lang) for one in files),
        quality=view(found, front),
    )


def _ground(contract: Contract, front: Words, own: _PageWords) -> str:
    """With who decided and when, where the agency has said so."""
    statement = statement_of(contract)
    decision = statement.decision if statement else None
    parts = [contract.legal_ground] if contract.legal_ground else []
    if decision is not None:
        day = formats.day(decision.decided_on, front.lang)
        parts.append(own.decided.format(office=front.pick(decision.office), day=day))
        if decision.review_on is not None:
            parts.append(own.review.format(day=formats.day(decision.review_on, front.lang)))
    return " · ".join(parts)


def _field(entry: DatasetEntry, field: Field, front: Words) -> _FieldLine:
    contract = entry.contract
    level = contract.access_of(field)
    access = "" if level is contract.access else front.access(level)
    return _FieldLine(field.name, front.pick(field.label), field.type.value, field.unit or "", access)


def _file(one: Distribution, lang: str) -> _FileLine:
    size = formats.number(one.size, lang) if one.size else ""
    return _FileLine(one.name, one.url, formats.number(one.rows, lang), size, one.sha256 or "")
