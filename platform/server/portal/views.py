"""What the front page shows, in one language, as plain values: the template decides nothing but markup."""

from collections.abc import Iterator
from dataclasses import dataclass

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.exports.dcat import page_url
from publicgsb.datasets.registry import DatasetEntry, DatasetState, Registry
from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.states import state_of
from publicgsb.platform.server.portal.words import Words


@dataclass(frozen=True, slots=True)
class LinkLine:
    name: str
    target: str
    rate: str  # "" before a release has measured it


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    number: str
    rows: str
    day: str
    day_iso: str
    csv_url: str | None


@dataclass(frozen=True, slots=True)
class DatasetLine:
    name: str  # agency/dataset
    title: str
    description: str
    access: str  # "" for open
    state: str  # why there is no release to read, or until when; "" when there is one that stays
    release: ReleaseLine | None
    licence: str
    licence_url: str | None
    licence_text: str
    source: str
    year: str  # "" when not known
    source_url: str | None
    attribution: str
    links: tuple[LinkLine, ...]
    contract_url: str
    page_url: str


@dataclass(frozen=True, slots=True)
class AgencyBlock:
    slug: str
    name: str
    datasets: tuple[DatasetLine, ...]


@dataclass(frozen=True, slots=True)
class Half:
    """The page in one language."""

    words: Words
    summary: str
    agencies: tuple[AgencyBlock, ...]


def half(registry: Registry, base_url: str, words: Words) -> Half:
    blocks = tuple(_blocks(registry, base_url, words))
    served = [entry.current for entry in registry.datasets.values() if _is_served(entry) and entry.current]
    summary = words.summary.format(
        agencies=formats.number(len(blocks), words.lang),
        datasets=formats.number(len(served), words.lang),
        rows=formats.number(sum(release.rows for release in served), words.lang),
    )
    return Half(words, summary, blocks)


def _blocks(registry: Registry, base_url: str, words: Words) -> Iterator[AgencyBlock]:
    """Agencies that have declared a dataset, and their datasets, both by slug."""
    entries = sorted(registry.datasets.values(), key=lambda entry: entry.name)
    for slug, agency in sorted(registry.agencies.items()):
        own = tuple(_dataset(entry, base_url, words) for entry in entries if entry.agency.slug == slug)
        if own:
            yield AgencyBlock(slug, words.pick(agency.name), own)


def _dataset(entry: DatasetEntry, base_url: str, words: Words) -> DatasetLine:
    contract = entry.contract
    source = contract.source
    return DatasetLine(
        name=entry.name,
        title=words.pick(contract.title),
        description=words.pick(contract.description),
        access="" if contract.access is AccessLevel.OPEN else words.access(contract.access),
        state=state_of(entry, words),
        release=_release(entry, base_url, words) if _is_served(entry) else None,
        licence=contract.licence.title,
        licence_url=contract.licence.url,
        licence_text=contract.licence.text or "",
        source=source.name,
        year=formats.digits(str(source.year), words.lang) if source.year else "",
        source_url=source.url,
        attribution=contract.attribution,
        links=tuple(_links(entry, words)),
        contract_url=f"{base_url}/api/v1/agencies/{entry.agency.slug}/datasets/{entry.slug}",
        page_url=page_url(entry, base_url),
    )


def _is_served(entry: DatasetEntry) -> bool:
    return entry.state is DatasetState.ACTIVE and entry.current is not None


def _release(entry: DatasetEntry, base_url: str, words: Words) -> ReleaseLine | None:
    release = entry.current
    if release is None:
        return None
    published = release.published_at.date()
    is_open = release.contract.access is AccessLevel.OPEN
    return ReleaseLine(
        number=words.release_number.format(number=formats.number(release.seq, words.lang)),
        rows=formats.number(release.rows, words.lang),
        day=formats.day(published, words.lang),
        day_iso=published.isoformat(),
        csv_url=f"{base_url}/files/{entry.name}/latest.csv" if is_open else None,
    )


def _links(entry: DatasetEntry, words: Words) -> Iterator[LinkLine]:
    for link in entry.contract.links:
        rate = entry.link_rates.get(link.name)
        share = formats.percent(rate.matched, rate.rows, words.lang) if rate else ""
        yield LinkLine(words.pick(link.label), "/".join(link.target), share)
