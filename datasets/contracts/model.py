"""The contract of a dataset: what its rows look like, how they may be asked for, and on whose terms.

Values only: parse.py makes them from a document, render.py makes the document again.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from publicgsb.datasets.contracts.aggregates import Aggregates
from publicgsb.datasets.contracts.privacy import PrivacyTerms

Value: TypeAlias = str | int | float | Decimal | bool | date | datetime

TRUE_VALUES = ("true", "True", "TRUE", "1")  # those of Table Schema
FALSE_VALUES = ("false", "False", "FALSE", "0")

JALALI = "jalali"  # the format of dates such as 1404/07/01 in the file; they are released as Gregorian ones

ROW_COLUMN = "_row"  # hidden, 1-based source order; the key of a dataset that declares none


class FieldType(StrEnum):
    """What a column holds; each has one PostgreSQL type and one GraphQL type."""

    STRING = "string"
    INTEGER = "integer"  # int4
    BIGINT = "bigint"  # int8; a JSON string on the wire
    NUMBER = "number"  # float8
    DECIMAL = "decimal"  # numeric; a JSON string on the wire
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"  # timestamptz
    YEAR = "year"  # int4


class AccessLevel(StrEnum):
    OPEN = "open"
    REGISTERED = "registered"
    RESTRICTED = "restricted"
    WITHHELD = "withheld"


class FilterOp(StrEnum):
    EQ = "eq"
    IN = "in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IS_NULL = "isNull"
    STARTS_WITH = "startsWith"
    CONTAINS = "contains"  # in the folded form, whatever the spelling; needs a hidden column


class TransformKind(StrEnum):
    """The closed set of functions by which a cell may be changed or derived."""

    ZERO_PAD = "zeroPad"  # argument: the width
    PREFIX = "prefix"  # argument: how many leading characters stay
    PREPEND = "prepend"  # argument: the text put before
    FOLD = "fold"  # no argument: the search form of Persian text
    JALALI_YEAR = "jalaliYear"  # no argument: the Jalali year of a date
    ROUND = "round"  # argument: decimal places, negative for tens
    SUPPRESS = "suppress"  # argument: numbers from 1 up to below it become null


class Normalisation(StrEnum):
    """What may be put right in a cell before it is judged; each change is counted."""

    DIGITS = "digits"  # Persian and Arabic digits to ASCII
    LETTERS = "letters"  # Arabic yeh and kaf to the Persian ones


class Alphabet(StrEnum):
    """Whose order of letters an ordering follows, instead of the order of code points."""

    PERSIAN = "persian"


class Theme(StrEnum):
    """The EU's list of data themes, so that the catalogue can be harvested without a mapping."""

    AGRICULTURE = "agriculture"
    ECONOMY = "economy"
    EDUCATION = "education"
    ENERGY = "energy"
    ENVIRONMENT = "environment"
    GOVERNMENT = "government"
    HEALTH = "health"
    INTERNATIONAL = "international"
    JUSTICE = "justice"
    REGIONS = "regions"
    SCIENCE = "science"
    SOCIETY = "society"
    TRANSPORT = "transport"


class Cadence(StrEnum):
    """How often the agency promises a new release."""

    CONTINUOUS = "continuous"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    IRREGULAR = "irregular"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Label:
    fa: str
    en: str


class Appeal(StrEnum):
    """How far somebody has got who went against a decision to withhold."""

    NONE = "none"
    PENDING = "pending"
    UPHELD = "upheld"  # the decision stands
    OVERTURNED = "overturned"  # it does not, and the data are not there yet


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided that something is withheld, and when; decisions.py says where it is told."""

    office: Label
    decided_on: date
    review_on: date | None = None  # when it is looked at again
    appeal: Appeal = Appeal.NONE


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of a code list; `value` is the text of the cell."""

    value: str
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class MissingValue:
    """A cell text that means "no value", e.g. NA, and what kind of absence it is."""

    value: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Transform:
    kind: TransformKind
    argument: int | str | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """The field is not in the file: its value is the `source` column's, sent through `transforms`."""

    source: str
    transforms: tuple[Transform, ...]


@dataclass(frozen=True, slots=True)
class Constraints:
    """Table Schema constraints; bounds and `enum` hold values of the field's type."""

    min_length: int | None = None
    max_length: int | None = None
    minimum: Value | None = None
    maximum: Value | None = None
    exclusive_minimum: Value | None = None
    exclusive_maximum: Value | None = None
    pattern: str | None = None  # the whole cell must match
    enum: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    name: str  # the column
    api_name: str  # camelCase
    type: FieldType
    label: Label
    required: bool = False
    description: Label | None = None
    unit: str | None = None
    categories: tuple[Category, ...] = ()
    filters: frozenset[FilterOp] = frozenset()
    access: AccessLevel | None = None  # None: the dataset's
    legal_ground: str | None = None
    decision: Decision | None = None  # None: the contract's
    constraints: Constraints = Constraints()
    transforms: tuple[Transform, ...] = ()  # on the field's own cells; a derived field has them in `derive`
    derive: Derivation | None = None
    missing_values: tuple[MissingValue, ...] = (MissingValue(""),)
    normalise: frozenset[Normalisation] = frozenset()
    format: str = "default"  # date and datetime: "default" (ISO 8601) or a strptime pattern; date: JALALI too
    true_values: tuple[str, ...] = TRUE_VALUES
    false_values: tuple[str, ...] = FALSE_VALUES

    @property
    def is_derived(self) -> bool:
        return self.derive is not None


@dataclass(frozen=True, slots=True)
class Key:
    name: str  # the member of `by: {…}`: timeHour_carrier
    fields: tuple[str, ...]  # columns


@dataclass(frozen=True, slots=True)
class Ordering:
    """`fields` in one direction, then the key, so the order is total; nulls come last both ways."""

    name: str  # snake_case; GraphQL makes NAME_ASC and NAME_DESC of it
    fields: tuple[str, ...]
    alphabet: Alphabet | None = None  # of its text fields


class LinkSeverity(StrEnum):
    """What follows where a link finds its record for fewer rows than `mostly` says."""

    WARN = "warn"  # its reviewer, or whoever releases, is told
    ERROR = "error"  # nothing is released


MOSTLY = 0.9  # of a link that does not say


@dataclass(frozen=True, slots=True)
class Link:
    """A declared join: never a foreign key, it may match nothing, and how often it matches is published."""

    name: str  # the to-one field on this record
    fields: tuple[str, ...]
    to_agency: str
    to_dataset: str
    to_fields: tuple[str, ...]  # the primary or a unique key there
    label: Label
    reverse: str | None = None  # the to-many field on the target's record
    mostly: float | None = None  # the share of rows that should find their record; None: MOSTLY
    severity: LinkSeverity = LinkSeverity.WARN

    @property
    def target(self) -> tuple[str, str]:
        return (self.to_agency, self.to_dataset)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """The columns that say where a record is, in degrees; what `near` reads."""

    lat: str
    lon: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Many to many: from what one link of this dataset leads to, straight to what another one leads to."""

    name: str  # the list on the records of `from_link`'s target
    from_link: str
    to_link: str
    label: Label


@dataclass(frozen=True, slots=True)
class Licence:
    name: str  # of the closed list, or "other"
    title: str
    url: str | None
    text: str | None  # the terms themselves, for "other"
    is_share_alike: bool
    attribution: str  # whom to name, "" when nobody must be


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows truly come from, whoever releases them here."""

    name: str
    url: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """In degrees of WGS 84; none crosses the line where the days change."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Spatial:
    """Which part of the world the rows are about; spatial.py says how it is written."""

    label: Label
    country: str | None = None  # ISO 3166, three letters
    url: str | None = None  # the place in somebody's gazetteer
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """Checked by parse.py: every name in it refers to something, and no two clash."""

    agency: str
    dataset: str
    version: str
    record_name: str  # PascalCase, without the agency: Airport
    list_name: str  # camelCase of the slug, without its major: airports, also of airports_v2
    record_field: str  # camelCase of the record name: airport
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]  # empty: the hidden column _row is the key
    unique_keys: tuple[Key, ...]  # the primary key first, when declared
    orderings: tuple[Ordering, ...]
    links: tuple[Link, ...]
    access: AccessLevel
    legal_ground: str | None
    title: Label
    description: Label
    licence: Licence
    attribution: str
    source: Source
    theme: Theme
    cadence: Cadence
    contact: str
    shortcuts: tuple[Shortcut, ...] = ()
    search: tuple[str, ...] = ()  # the columns that `search` looks into
    coordinates: Coordinates | None = None
    aggregates: Aggregates | None = None
    privacy: PrivacyTerms | None = None
    decision: Decision | None = None  # of the dataset that is withheld, or of its fields that are
    spatial: Spatial | None = None
    sha256: str = dataclasses.field(default="", compare=False)  # of the canonical document
    by_name: Mapping[str, Field] = dataclasses.field(init=False, compare=False, repr=False)
    by_api_name: Mapping[str, Field] = dataclasses.field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {f.name: f for f in self.fields})
        object.__setattr__(self, "by_api_name", {f.api_name: f for f in self.fields})

    @property
    def slug(self) -> str:
        return f"{self.agency}/{self.dataset}"

    @property
    def changes_field(self) -> str | None:
        """The root field that tells what changed between two releases; without a key nothing can be matched."""
        return f"{self.list_name}Changes" if self.primary_key else None

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @property
    def key_columns(self) -> tuple[str, ...]:
        """What makes any order total: the primary key, else the source order."""
        return self.primary_key or (ROW_COLUMN,)

    @property
    def released_fields(self) -> tuple[Field, ...]:
        """What a release holds. A withheld field is a stub: no file carries it and no table stores it."""
        return tuple(f for f in self.fields if self.access_of(f) is not AccessLevel.WITHHELD)

    @property
    def is_aggregate_only(self) -> bool:
        """Whether a release holds suppressed cells instead of rows."""
        return self.aggregates is not None and self.aggregates.only

    def field(self, name: str) -> Field:
        """The field of that column; KeyError when there is none."""
        return self.by_name[name]

    def link(self, name: str) -> Link:
        """The link of that name; KeyError when there is none."""
        return {link.name: link for link in self.links}[name]

    def access_of(self, field: Field) -> AccessLevel:
        return field.access or self.access
