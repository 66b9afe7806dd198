"""Releasing the demo's data through the same pipeline as any agency, once."""

import math
from collections.abc import Callable
from pathlib import Path

from publicgsb.datasets.agencies.service import add_agency, add_dataset
from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.registry import LinkRate, Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.model import Progress, Released
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Internal
from publicgsb.platform.server.demo.plan import AGENCIES, DEMO, DemoDataset

ACTOR = "demo"


async def missing(connections: Connections) -> list[DemoDataset]:
    """What has no current release yet, or fewer releases than the plan has; empty on a second start."""
    registry = await _registry(connections)
    return [one for one in DEMO if _outstanding(registry, one)]


async def release_all(
    connections: Connections,
    state_dir: Path,
    folder: Path,
    wanted: list[DemoDataset],
    say: Callable[[str], None],
    progress_of: Callable[[DemoDataset], Progress],
) -> None:
    """Agencies, contracts, then rows, in an order in which every link finds its target."""
    for agency in AGENCIES:
        await add_agency(connections, agency.slug, agency.name, ACTOR, is_sample=True, contact=agency.contact)
    for one in wanted:
        await add_dataset(connections, load(one.contract_path), ACTOR)
        for path in _outstanding(await _registry(connections), one):
            outcome = await release_file(
                connections, state_dir, one.agency, one.dataset, folder / path, ACTOR, progress=progress_of(one)
            )
            if outcome.release is None:
                raise Internal(f"{one.agency}/{one.dataset} was refused.\n{outcome.report.as_table()}")
            say(f"  {_line(one, outcome.release)}")


def _line(one: DemoDataset, release: Released) -> str:
    links = ", ".join(_link(name, rate, release.rows) for name, rate in sorted(release.link_rates.items()))
    number = f", release {release.seq}" if one.earlier else ""
    return f"{one.agency}/{one.dataset}{number}: {release.rows:,} records{'; links: ' + links if links else ''}"


def _link(name: str, rate: LinkRate, rows: int) -> str:
    """The rate over the rows that have a value to follow, which is the published one, and over all rows."""
    of_all = f", {rate.matched / rows:.1%} of all" if rows and rate.rows != rows else ""
    return f"{name} {rate.matched:,}/{rate.rows:,} ({math.floor(rate.ratio * 1000) / 10}%{of_all})"


async def _registry(connections: Connections) -> Registry:
    async with connections.use() as connection:
        return await load_registry(connection)


def _outstanding(registry: Registry, one: DemoDataset) -> tuple[str, ...]:
    """The files that are not released yet; the current one when the dataset has no current release."""
    entry = registry.datasets.get((one.agency, one.dataset))
    if entry is None:
        return one.releases
    done = max((*entry.releases, *entry.gone, *entry.recalled), default=0)
    if entry.current is None:
        return one.releases[min(done, len(one.releases) - 1) :]
    return one.releases[done:]
