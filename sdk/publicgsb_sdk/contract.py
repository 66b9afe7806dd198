"""The contract of a dataset as the SDK knows it: names, types, filters, links, orderings, release.

Fields keep the column names of the contract everywhere in Python (`name_fa`), the same as in files; the
GraphQL names (`nameFa`) are understood too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from publicgsb_sdk.answers import Receipt
from publicgsb_sdk.errors import InvalidRequest

HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class FieldType(StrEnum):
    """The closed set of types of a field.

    >>> FieldType("decimal").value
    'decimal'
    """

    STRING = "string"
    INTEGER = "integer"
    BIGINT = "bigint"
    NUMBER = "number"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Label:
    """A text in Persian and English.

    >>> gsb.dataset("aviation.airports").contract.title
    Label(fa='فرودگاه‌های جهان', en='Airports of the world')
    """

    fa: str
    en: str


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of a code list; `value` is the text of the cell.

    >>> [one.value for one in gsb.dataset("aviation.airports").contract.field("code").categories]
    ['007', '07']
    """

    value: str
    label: Label | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. With `categories` no other value occurs. `unit` is that of its values (`m`, `IRR`).

    >>> fee = gsb.dataset("aviation.airports").contract.field("fee")
    >>> fee.type.value, fee.unit, sorted(fee.filters)
    ('decimal', 'IRR', ['eq'])
    """

    name: str
    api_name: str
    type: FieldType
    is_required: bool
    label: Label
    unit: str | None
    filters: frozenset[str]
    access: str
    description: Label | None = None
    categories: tuple[Category, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A declared way from a record to at most one record of another dataset, `agency/dataset`.

    >>> gsb.dataset("aviation.airports").contract.link("home_country").to
    'standards/countries'
    """

    name: str
    api_name: str
    to: str
    label: Label


@dataclass(frozen=True, slots=True)
class Release:
    """Immutable rows under a contract, whose version is `contract` where the service told it.

    `notes` are what its agency says is new in it, where it says anything.

    >>> release = gsb.dataset("aviation.airports").contract.release
    >>> release.seq, release.rows, release.as_of
    (3, 2, datetime.date(2026, 9, 5))
    """

    seq: int
    rows: int
    sha256: str
    as_of: date | None
    published_at: datetime | None
    contract: str | None = None
    notes: Label | None = None

    @property
    def as_of_or_published(self) -> date | None:
        """The day that the rows describe; the day of publication where the agency named none."""
        return self.as_of or (self.published_at.date() if self.published_at else None)


@dataclass(frozen=True, slots=True)
class Grouping:
    """What an aggregate may be grouped by: a field, or one grain of a date (`day`, `month`, `jalaliMonth`, …).

    >>> [one.python_name for one in gsb.dataset("aviation.airports").contract.groupings]
    ['code', 'opened_on_jalali_month']
    """

    name: str
    api_name: str
    field: str
    grain: str | None

    @property
    def python_name(self) -> str:
        """`time_hour_jalali_month`, or the field."""
        return self.name.lower()


Named = TypeVar("Named", Field, Link)


@dataclass(frozen=True, slots=True)
class Contract:
    """What a dataset promises.

    >>> contract = gsb.dataset("aviation.airports").contract
    >>> contract.version, contract.primary_key, contract.orderings, contract.measures
    ('1.0.0', ('icao',), ('code',), ('passengers',))
    """

    agency: str
    dataset: str
    version: str
    record_name: str
    list_name: str
    access: str
    primary_key: tuple[str, ...]
    fields: tuple[Field, ...]
    links: tuple[Link, ...]
    orderings: tuple[str, ...]
    state: str
    release: Release | None
    source: str
    licence: str
    attribution: str
    is_share_alike: bool
    sunset_on: date | None  # the last day on which it is answered
    successor: str | None  # `agency/dataset`, to use instead of one that ends or has ended
    sha256: str  # of the whole contract: another one is another contract
    title: Label
    description: Label | None
    search: tuple[str, ...] = ()  # the fields that `search` looks into
    has_coordinates: bool = False
    groupings: tuple[Grouping, ...] = ()
    measures: tuple[str, ...] = ()
    is_aggregate_only: bool = False

    @property
    def id(self) -> str:
        """`agency/dataset`."""
        return f"{self.agency}/{self.dataset}"

    @property
    def type_name(self) -> str:
        """The GraphQL type of a record: `AviationAirport`, of a later major `AviationAirportV2`."""
        agency = camel(self.agency)
        return agency[:1].upper() + agency[1:] + self.record_name + self._major_suffix

    @property
    def list_field(self) -> str:
        """The GraphQL field of the list, below the agency's: `airports`, of a later major `airportsV2`."""
        return self.field_of("")

    def field_of(self, what: str) -> str:
        """The same of what is told of the list: `airportsAggregate`, of a later major `airportsAggregateV2`.

        >>> gsb.dataset("aviation.airports").contract.field_of("Aggregate")
        'airportsAggregate'
        """
        return self.list_name + what + self._major_suffix

    @property
    def default_fields(self) -> tuple[Field, ...]:
        """What a query without a selection asks for: all but what is withheld, or wants a grant of its own."""
        barred = {"withheld"} if self.access == "restricted" else {"withheld", "restricted"}
        return tuple(field for field in self.fields if field.access not in barred)

    @property
    def has_release(self) -> bool:
        """Whether the service knows its rows; those of a withdrawn one it knows to refuse, with the reason."""
        return self.release is not None or self.state != "active"

    @property
    def ending(self) -> str | None:
        """Until when it is answered and what to use instead, where the agency has announced its end."""
        if self.state != "deprecated":
            return None
        return f"{self.id} is answered until {self.sunset_on}" + (f"; use {self.successor}." if self.successor else ".")

    def is_in_file(self, field: Field) -> bool:
        """Whether the field is in the files, which hold no more than everybody may have who may have the file.

        >>> contract = gsb.dataset("aviation.airports").contract
        >>> contract.is_in_file(contract.field("fee"))
        True
        """
        return field.access == "open" or (self.access != "open" and field.access in ("registered", self.access))

    @property
    def _major_suffix(self) -> str:
        major = int(self.version.split(".")[0])
        return f"V{major}" if major > 1 else ""

    def receipt(self, seq: int) -> Receipt:
        """The receipt of a whole release, as an answer of the API would carry it.

        >>> gsb.dataset("aviation.airports").contract.receipt(3).sha256
        'ab'
        """
        known = self.release if self.release and self.release.seq == seq else None
        return Receipt(
            agency=self.agency,
            dataset=self.dataset,
            release=seq,
            as_of=known.as_of_or_published if known else None,
            sha256=known.sha256 if known else None,
            source=self.source,
            licence=self.licence,
            attribution=self.attribution,
            is_share_alike=self.is_share_alike,
        )

    def field(self, name: str) -> Field:
        """The field of that name, in either spelling.

        >>> gsb.dataset("aviation.airports").contract.field("openedOn").name
        'opened_on'

        Raises:
            InvalidRequest: there is no such field; the nearest are named.
        """
        return self._named("field", self.fields, name)

    def link(self, name: str) -> Link:
        """The link of that name, in either spelling.

        >>> gsb.dataset("aviation.airports").contract.link("homeCountry").name
        'home_country'

        Raises:
            InvalidRequest: there is no such link; the nearest are named.
        """
        return self._named("link", self.links, name)

    def ordering(self, text: str) -> str:
        """The enum value of an ordering: `NAME_ASC` as the API writes it, or `name`, or `-name`.

        >>> gsb.dataset("aviation.airports").contract.ordering("-code")
        'CODE_DESC'

        Raises:
            InvalidRequest: there is no such order; the nearest are named.
        """
        known = [f"{name}_{way}".upper() for name in ("key", *self.orderings) for way in ("asc", "desc")]
        wanted = f"{text[1:]}_DESC" if text.startswith("-") else text
        for value in (wanted.upper(), f"{wanted}_ASC".upper()):
            if value in known:
                return value
        raise unknown("ordering", text, known, self.id)

    def grouping(self, text: str) -> Grouping:
        """The grouping `carrier`, `time_hour.jalali_month`, or as the API writes it.

        >>> gsb.dataset("aviation.airports").contract.grouping("opened_on.jalali_month").grain
        'jalaliMonth'

        Raises:
            InvalidRequest: there is no such grouping; the nearest are named.
        """
        wanted = snake(text).replace(".", "_")
        for one in self.groupings:
            if wanted == one.python_name or text in (one.name, one.api_name):
                return one
        raise unknown("grouping", text, [one.python_name for one in self.groupings], self.id)

    def _named(self, what: str, items: tuple[Named, ...], name: str) -> Named:
        for item in items:
            if name in (item.name, item.api_name):
                return item
        raise unknown(what, name, [item.name for item in items], self.id)


def snake(name: str) -> str:
    """`originAirport` as Python writes it: `origin_airport`."""
    return HUMP.sub("_", name).lower()


def camel(name: str) -> str:
    """`road_safety` as the API writes it: `roadSafety`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def unknown(what: str, name: str, known: Iterable[str], where: str) -> InvalidRequest:
    """The refusal of a name that is not there, with the nearest ones that are."""
    from difflib import get_close_matches  # noqa: PLC0415 - loaded once something is misspelt

    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5) or names[:12]
    return InvalidRequest(
        f"{where} has no {what} {name!r}.",
        hint=f"There is {', '.join(near)}." if near else f"It has no {what} at all.",
        details={"reason": f"unknown_{what}"},
    )
