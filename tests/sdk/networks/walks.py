"""Walks over lines that break by chance, each by its seed: every row of one release in order, or a named error."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.sdk.networks.paged import FAULTS, KEYS, Paged, Row, paged
from tests.sdk.rows import KEY

from publicgsb_sdk import AsyncClient, Client, GsbError

EXACT = "exact"
TIMEOUT_SECONDS = 0.4
RARE = ("recall", "gone", "stale", "flip", "truncated", "broken")  # no retry gets past these


@dataclass(frozen=True, slots=True)
class Walk:
    """What became of one: `exact`, or the error's name; which faults it met."""

    seed: int
    outcome: str
    faults: tuple[str, ...]
    rows: int


def walked(seed: int) -> Walk:
    """One walk; raises AssertionError where a row is lost, doubled, changed or of another release."""
    chance = random.Random(seed)
    weights = [1 if fault in RARE else 4 for fault in FAULTS]
    faults = [chance.choices(list(FAULTS), weights)[0] if chance.random() < 0.3 else None for _ in range(20)]
    count, size = chance.randrange(0, 400), chance.randrange(20, 120)
    with paged(count, faults) as world:
        walk = _asynchronously if seed % 2 else _synchronously
        rows, outcome = walk(world, size)
        held = [all_rows for all_rows in world.releases.values() if _plain(rows) == all_rows[: len(rows)]]
        assert held, (seed, world.done, len(rows))
        if outcome == EXACT:
            assert any(len(all_rows) == len(rows) for all_rows in held), (seed, world.done, len(rows))
        return Walk(seed, outcome, tuple(world.done), len(rows))


def tally(walks: Iterable[Walk]) -> Counter[str]:
    """How many of them ended how."""
    return Counter(walk.outcome for walk in walks)


def _synchronously(world: Paged, size: int) -> tuple[list[Row], str]:
    rows: list[Row] = []
    with Client(KEY, world.url, timeout=TIMEOUT_SECONDS, max_retries=3, verify=KEYS) as client:
        _at_once(client)
        try:
            for page in client.dataset("aviation.airports").pages(size):
                rows += page.rows
        except GsbError as error:
            return rows, type(error).__name__
    return rows, EXACT


def _asynchronously(world: Paged, size: int) -> tuple[list[Row], str]:
    async def walk() -> tuple[list[Row], str]:
        rows: list[Row] = []
        async with AsyncClient(KEY, world.url, timeout=TIMEOUT_SECONDS, max_retries=3, verify=KEYS) as client:
            _at_once(client)
            try:
                async for page in client.dataset("aviation.airports").pages(size):
                    rows += page.rows
            except GsbError as error:
                return rows, type(error).__name__
        return rows, EXACT

    return asyncio.run(walk())


def _at_once(client: Any) -> None:
    """Nothing is waited for between tries."""
    transport: Any = client._session._transport
    transport._rule = type(transport._rule)(transport._rule.retries_max, lambda _: 0.0)


def _plain(rows: list[Row]) -> list[Row]:
    """As the service wrote them."""
    return [{"icao": row["icao"], "nameFa": row["name_fa"], "runwayCount": row["runway_count"]} for row in rows]
