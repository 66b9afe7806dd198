"""Releases, their taking back and contracts are told to everybody, with the change or not at all."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.model import Outcome
from publicgsb.datasets.releases.service import rollback, withdraw
from publicgsb.platform.kernel.database import Connections

COUNTRIES = [["code", "name"], ["IR", "Iran"], ["JP", "Japan"]]

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Outcome]]
Documents = Callable[..., dict[str, Any]]


async def _told(connections: Connections) -> list[tuple[str, dict[str, Any]]]:
    async with connections.use() as connection:
        rows = await connection.fetch(
            "select kind, payload from gsb.outbox where organisation_id is null and agency_id is null order by id"
        )
    return [(row["kind"], json.loads(row["payload"])) for row in rows]


async def test_a_contract_its_releases_and_their_end_are_told(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    outcome = await release("standards/countries", COUNTRIES)
    await release("standards/countries", COUNTRIES[:2])
    await rollback(connections, "standards", "countries", 1, "tests")
    await withdraw(connections, "standards", "countries", Label("خطا", "Wrong data"), "tests")
    told = await _told(connections)
    assert [kind for kind, _ in told] == [
        *("contract.changed", "release.published", "release.published"),
        *("release.rolled_back", "dataset.withdrawn"),
    ]
    assert {payload["dataset"] for _, payload in told} == {"standards/countries"}
    assert outcome.release is not None
    assert told[1][1] | {"registryVersion": 0} == {
        "dataset": "standards/countries",
        "release": 1,
        "rows": 2,
        "sha256": outcome.release.sha256,
        "changeKind": "full",
        "contractVersion": "1.0.0",
        "notes": None,
        "registryVersion": 0,
    }
    assert told[3][1]["before"] == 2
    assert told[4][1]["reason"] == {"fa": "خطا", "en": "Wrong data"}


async def test_a_contract_declared_again_and_a_refused_file_are_not_told(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    before = await _told(connections)
    await declare(country())
    await release("standards/countries", [*COUNTRIES, ["DE"]])
    assert await _told(connections) == before


async def test_a_release_of_the_same_records_with_other_values_is_told_as_a_correction(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    corrected = [*COUNTRIES[:2], ["JP", "日本"]]
    for rows in (COUNTRIES, COUNTRIES, corrected, [*corrected, ["DE", "Germany"]], corrected[:2]):
        await release("standards/countries", rows)
    told = [(kind, payload.get("release")) for kind, payload in await _told(connections)][1:]
    assert told == [
        *(("release.published", number) for number in (1, 2, 3)),
        ("release.corrected", 3),
        *(("release.published", number) for number in (4, 5)),
    ]
