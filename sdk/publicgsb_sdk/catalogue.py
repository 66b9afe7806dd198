"""The catalogue: which datasets there are, whose, how fresh, and under which licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from publicgsb_sdk.answers import read_date
from publicgsb_sdk.contract import Label
from publicgsb_sdk.wire import items, members


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """What the catalogue says of one dataset. `name` is what `Client.dataset` takes; `rows` those of its release.

    >>> info = gsb.datasets.list("aviation")[0]
    >>> info.name, info.rows, info.access, info.licence
    ('aviation.airports', 2, 'open', 'CC-BY-4.0')
    """

    name: str
    agency: str
    agency_name: Label
    is_sample: bool
    title: Label
    description: Label
    access: str
    state: str
    licence: str
    licence_url: str | None
    attribution: str
    source: str
    rows: int | None
    release: int | None
    as_of: date | None
    published_at: datetime | None
    fields: tuple[str, ...]

    def matches(self, text: str) -> bool:
        """Whether every word occurs in its name, titles, descriptions or fields, in any spelling.

        >>> gsb.datasets.list("aviation")[0].matches("فرودگاه جهان")
        True
        """
        from publicgsb_sdk.persian import matches  # noqa: PLC0415 - loaded by those who search

        labels = (self.agency_name, self.title, self.description)
        texts = (text for label in labels for text in (label.fa, label.en))
        return matches(text, self.name.replace(".", " "), *self.fields, *texts)


def read_catalogue(document: Mapping[str, Any]) -> tuple[DatasetInfo, ...]:
    """The datasets in an answer of the service."""
    return tuple(_info(agency, item) for agency in document["agencies"] for item in agency["datasets"])


def _info(agency: Mapping[str, Any], item: Mapping[str, Any]) -> DatasetInfo:
    licence = members(item.get("licence"))
    published = item.get("publishedAt")
    return DatasetInfo(
        name=f"{agency['slug']}.{item['slug']}",
        agency=agency["slug"],
        agency_name=_label(agency.get("name")),
        is_sample=bool(agency.get("isSample")),
        title=_label(item.get("title")),
        description=_label(item.get("description")),
        access=item["access"],
        state=item.get("state") or "active",
        licence=licence.get("title") or licence.get("name") or "",
        licence_url=licence.get("url"),
        attribution=licence.get("attribution") or "",
        source=members(item.get("source")).get("name") or "",
        rows=item.get("rows"),
        release=item.get("release"),
        as_of=read_date(item.get("asOf")),
        published_at=datetime.fromisoformat(published) if published else None,
        fields=tuple(text for field in items(item.get("fields")) for text in _field_texts(field)),
    )


def _field_texts(field: Any) -> tuple[str, ...]:
    if isinstance(field, str):
        return (field,)
    label = _label(field.get("label"))
    return tuple(text for text in (field["name"], label.fa, label.en) if text)


def _label(item: Mapping[str, Any] | None) -> Label:
    return Label(members(item).get("fa") or "", members(item).get("en") or "")
