"""The catalogue: agencies and their datasets, with what may be asked of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import strawberry

from publicgsb.datasets.contracts.aggregates_document import aggregate_name
from publicgsb.datasets.contracts.names import camel_case, major_suffix
from publicgsb.datasets.quality.score import data_score, utc_today
from publicgsb.datasets.registry import DatasetEntry, Registry, ReleaseRef
from publicgsb.schema.types import endings, told
from publicgsb.schema.types.endings import DeprecationInfo, TombstoneInfo
from publicgsb.schema.types.told import AggregatesInfo, OrderingInfo, ShortcutInfo, Text, text
from publicgsb.schema.types.withheld import WithheldInfo, withheld_info


@strawberry.type(description="One field of a contract.")
class FieldInfo:
    name: str = strawberry.field(description="The column in files.")
    api_name: str = strawberry.field(description="The field in this schema.")
    type: str
    label: Text
    unit: str | None
    is_required: bool
    access: str
    withheld: WithheldInfo | None = strawberry.field(description="Null for what is released.")
    filters: list[str]


@strawberry.type(description="A declared join to another dataset, with how often it matches.")
class LinkInfo:
    name: str
    to: str = strawberry.field(description="agency/dataset.")
    reverse: str | None = strawberry.field(description="The same link read from the other side.")
    match_rate: float | None = strawberry.field(description="0 to 1, of the current release; null before it is known.")


@strawberry.type(description="The two fields that say where a record is, in degrees; what `near` reads.")
class CoordinatesInfo:
    lat: str
    lon: str


@strawberry.type(description="Immutable rows under a contract.")
class ReleaseInfo:
    seq: int = strawberry.field(description="Its number: give it as `release:`.")
    rows: int
    sha256: str
    contract: str = strawberry.field(description="The version of its contract.")
    as_of: date
    published_at: datetime
    notes: Text | None = strawberry.field(
        description="What is new in it, in its agency's words; null if it says nothing."
    )


@strawberry.type(description="Whose terms apply.")
class LicenceInfo:
    name: str
    title: str
    url: str | None
    is_share_alike: bool
    attribution: str


@strawberry.type(description="A dataset in the catalogue; always shown, whatever its access level.")
class DatasetInfo:
    entry: strawberry.Private[DatasetEntry]

    @strawberry.field(description="agency/dataset.")
    def id(self) -> str:
        return self.entry.name

    @strawberry.field(description="The agency's field and the list under it, as in `aviation.airports`.")
    def path(self) -> str:
        """Where there are cells and no records, the aggregate takes the list's place."""
        contract = self.entry.contract
        name = aggregate_name(contract) if contract.is_aggregate_only else contract.list_name
        return f"{camel_case(self.entry.agency.slug)}.{name}{major_suffix(contract.major)}"

    @strawberry.field
    def title(self) -> Text:
        return text(self.entry.contract.title)

    @strawberry.field
    def description(self) -> Text:
        return text(self.entry.contract.description)

    @strawberry.field(description="open, registered, restricted or withheld.")
    def access(self) -> str:
        return self.entry.contract.access.value

    @strawberry.field(description="Null unless the whole dataset is withheld.")
    def withheld(self) -> WithheldInfo | None:
        return withheld_info(self.entry.contract)

    @strawberry.field(description="active, deprecated or withdrawn.")
    def state(self) -> str:
        return self.entry.shown_state

    @strawberry.field(description="Null unless it is deprecated.")
    def deprecation(self) -> DeprecationInfo | None:
        return endings.deprecation(self.entry)

    @strawberry.field(description="Null unless it is withdrawn.")
    def tombstone(self) -> TombstoneInfo | None:
        return endings.tombstone(self.entry)

    @strawberry.field
    def contract(self) -> str:
        return self.entry.contract.version

    @strawberry.field
    def licence(self) -> LicenceInfo:
        licence = self.entry.contract.licence
        return LicenceInfo(
            name=licence.name,
            title=licence.title,
            url=licence.url,
            is_share_alike=licence.is_share_alike,
            attribution=self.entry.contract.attribution or licence.attribution,
        )

    @strawberry.field(
        description="How complete, valid, unique, linked and timely its rows are, 0 to 100; null if it is not served. "
        "REST tells part by part: /api/v1/datasets/{agency}/{dataset}/quality."
    )
    def data_score(self) -> float | None:
        found = data_score(self.entry, utc_today())
        return found.value if found else None

    @strawberry.field(description="Where the rows truly come from.")
    def source(self) -> str:
        return self.entry.contract.source.name

    @strawberry.field
    def fields(self) -> list[FieldInfo]:
        contract = self.entry.contract
        return [
            FieldInfo(
                name=field.name,
                api_name=field.api_name,
                type=field.type.value,
                label=text(field.label),
                unit=field.unit,
                is_required=field.required,
                access=contract.access_of(field).value,
                withheld=withheld_info(contract, field),
                filters=sorted(op.value for op in field.filters),
            )
            for field in contract.fields
        ]

    @strawberry.field
    def links(self) -> list[LinkInfo]:
        rates = self.entry.link_rates
        return [
            LinkInfo(
                name=link.name,
                to=f"{link.to_agency}/{link.to_dataset}",
                reverse=link.reverse,
                match_rate=rates[link.name].ratio if link.name in rates else None,
            )
            for link in self.entry.contract.links
        ]

    @strawberry.field(description="Lists on records of other datasets that rows of this one tie together.")
    def shortcuts(self) -> list[ShortcutInfo]:
        return told.shortcuts(self.entry.contract)

    @strawberry.field(description="What `orderBy` takes, beside the key.")
    def orderings(self) -> list[OrderingInfo]:
        return told.orderings(self.entry.contract)

    @strawberry.field(description="The columns that `search` looks into; empty for a dataset without.")
    def search(self) -> list[str]:
        return list(self.entry.contract.search)

    @strawberry.field(description="Null for a dataset that declares none.")
    def aggregates(self) -> AggregatesInfo | None:
        return told.aggregates(self.entry.contract)

    @strawberry.field(description="Null for a dataset without: its lists have no `near`.")
    def coordinates(self) -> CoordinatesInfo | None:
        pair = self.entry.contract.coordinates
        if pair is None:
            return None
        contract = self.entry.contract
        return CoordinatesInfo(lat=contract.field(pair.lat).api_name, lon=contract.field(pair.lon).api_name)

    @strawberry.field(description="The release that answers now; null when there is none.")
    def current(self) -> ReleaseInfo | None:
        return _release(self.entry.current) if self.entry.current else None

    @strawberry.field(description="Every release that is still readable, newest first.")
    def releases(self) -> list[ReleaseInfo]:
        readable = self.entry.releases
        return [_release(readable[seq]) for seq in sorted(readable, reverse=True)]


@strawberry.type(description="An agency that releases data here.")
class AgencyInfo:
    slug: str
    name: Text
    is_sample: bool = strawberry.field(description="A sample agency shows real data of another source.")
    contact: str
    entries: strawberry.Private[Mapping[tuple[str, str], DatasetEntry]]

    @strawberry.field
    def datasets(self) -> list[DatasetInfo]:
        own = sorted(key for key in self.entries if key[0] == self.slug)
        return [DatasetInfo(entry=self.entries[key]) for key in own]


def _release(release: ReleaseRef) -> ReleaseInfo:
    return ReleaseInfo(
        seq=release.seq,
        rows=release.rows,
        sha256=release.sha256,
        contract=release.contract.version,
        as_of=release.as_of or release.published_at.date(),
        published_at=release.published_at,
        notes=text(release.notes) if release.notes else None,
    )


def agency_info(registry: Registry, slug: str) -> AgencyInfo:
    agency = registry.agencies[slug]
    return AgencyInfo(
        slug=slug,
        name=text(agency.name),
        is_sample=agency.is_sample,
        contact=agency.contact,
        entries=registry.datasets,
    )
