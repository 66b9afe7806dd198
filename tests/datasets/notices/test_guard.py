"""A breaking contract is published by no way before it was announced."""

from pathlib import Path

import pytest
from tests.datasets.conftest import Declare, Documents, Release, WriteCsv
from tests.datasets.notices.conftest import FIELDS, ROWS, WITHOUT, Notices, user

from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.errors import Conflict


async def test_a_release_that_breaks_is_refused_with_what_it_touches_and_by_how_many_that_is_used(
    notices: Notices, state_dir: Path, write_csv: WriteCsv
) -> None:
    notices.users = [user(1, 10, "elevation"), user(1, 11, "elevation"), user(2, 20, "elevation"), user(3, 30)]
    with pytest.raises(Conflict) as refused:
        await release_file(
            *(notices.connections, state_dir, "aviation", "airports", write_csv(WITHOUT), "test"),
            users_of=notices.users_of,
        )
    details = refused.value.details
    assert (details["reason"], details["applications"], details["organisations"]) == ("breaking_not_announced", 3, 2)
    assert details["touched_fields"] == ["elevation", "name"]
    assert details["breaks"] == ["the field elevation is gone", "the ordering highest is gone"]
    assert refused.value.hint and "gsb contract announce aviation/airports" in refused.value.hint
    assert "aviation/airports_v2" in refused.value.hint
    assert notices.asked == [(1, ("elevation", "name"))]


async def test_nothing_changes_by_a_refusal(notices: Notices, release: Release) -> None:
    before = await notices.entry()
    with pytest.raises(Conflict):
        await release("aviation/airports", WITHOUT)
    assert await notices.entry() == before


async def test_a_contract_that_breaks_nothing_is_released_as_ever(
    notices: Notices, declare: Declare, airport: Documents, release: Release
) -> None:
    await declare(airport(version="1.1.0", attribution="Others"))
    await release("aviation/airports", ROWS)
    assert (await notices.entry()).contract.version == "1.1.0"


async def test_a_higher_major_that_breaks_nothing_is_told_to_stay(
    notices: Notices, declare: Declare, airport: Documents, release: Release
) -> None:
    await declare(airport(version="2.0.0"))
    with pytest.raises(Conflict) as refused:
        await release("aviation/airports", ROWS)
    assert refused.value.hint == "It breaks nothing: as version 1.1.0 it is free."


async def test_what_was_announced_is_released_there_and_not_here(
    notices: Notices, declare: Declare, airport: Documents, release: Release
) -> None:
    await notices.announce()
    await declare(airport(version="3.0.0", fields=FIELDS, orderings=["name"]))
    with pytest.raises(Conflict) as refused:
        await release("aviation/airports", WITHOUT)
    assert refused.value.details["successor"] == "aviation/airports_v2"
    with pytest.raises(Conflict) as again:
        await notices.announce()
    assert again.value.details["reason"] == "announced"
