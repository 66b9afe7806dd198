"""Frames, downloads and typed datasets of the asynchronous client: threads block, its own connections serve them."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sdk.downloads.faulty import faulty
from tests.sdk.downloads.test_download import NAMES, ONE, THREE, at_once
from tests.sdk.rows import KEY
from tests.sdk.test_frames import parts

from publicgsb_sdk import AsyncClient, Client, ReleaseRecalled, SchemaDrift
from publicgsb_sdk.references import typed


async def test_the_frames_of_both_clients_are_the_same(client: Client, async_client: AsyncClient, service: Any) -> None:
    service.parquet = parts()
    whole = client.dataset("aviation.airports").to_arrow()
    dataset = async_client.dataset("aviation.airports")
    assert (await dataset.to_arrow()).equals(whole, check_metadata=True)
    assert (await dataset.to_pandas()).equals(client.dataset("aviation.airports").to_pandas())
    assert (await dataset.to_polars()).equals(client.dataset("aviation.airports").to_polars())
    assert (await dataset.duckdb()).sql("select count(*) from airports").fetchone() == (2,)


async def test_a_download_asks_over_the_connections_of_its_client(tmp_path: Path) -> None:
    asked: list[str] = []

    async def noted(request: httpx2.Request) -> None:
        asked.append(request.url.path.rpartition("/")[2])

    with faulty(THREE, p1=["cut"], p2=["expired"]) as world:
        async with (
            httpx2.AsyncClient(event_hooks={"request": [noted]}) as http,
            AsyncClient(KEY, world.url, http_client=http) as client,
        ):
            at_once(client)
            found = await client.dataset("aviation.airports").download(f"{tmp_path}/")
        assert [path.read_bytes() for path in found.paths] == THREE
        assert set(NAMES) < set(asked) and len(asked) > len(NAMES) + 3


async def test_what_is_refused_is_raised_where_it_was_awaited(tmp_path: Path) -> None:
    with faulty(ONE, p1=["recalled"]) as world:
        async with AsyncClient(KEY, world.url) as client:
            with pytest.raises(ReleaseRecalled):
                await client.dataset("aviation.airports").download(tmp_path / "a")


async def test_a_download_that_is_cancelled_stops_and_goes_on_another_time(tmp_path: Path) -> None:
    with faulty(THREE, p1=["stall"], p2=["stall"], p3=["stall"]) as world:
        async with AsyncClient(KEY, world.url, timeout=5.0) as client:
            dataset = client.dataset("aviation.airports")
            begun = asyncio.create_task(dataset.download(f"{tmp_path}/"))
            while len(world.asked) < len(THREE):
                await asyncio.sleep(0.01)
            begun.cancel()
            with pytest.raises(asyncio.CancelledError):
                await begun
            world.stopping.set()
            assert (await dataset.download(f"{tmp_path}/")).bytes == sum(map(len, THREE))
    assert [(tmp_path / name).read_bytes() for name in NAMES] == THREE


async def test_a_typed_dataset_is_held_to_its_contract_there_too(
    async_client: AsyncClient, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service.airports["contract"], "sha256", "c0ffee")
    service.reply(service.page([{"icao": "OIIE"}]))
    good = typed(async_client, "aviation.airports", "1.0.0", "c0ffee", {}, strict=True)
    assert [row async for row in good.select("icao").limit(1).rows()] == [{"icao": "OIIE"}]
    moved = typed(async_client, "aviation.airports", "1.0.0", "0ff", {}, strict=True)
    with pytest.raises(SchemaDrift):
        await moved.select("icao").first()
    with pytest.raises(SchemaDrift):
        await moved.contract
