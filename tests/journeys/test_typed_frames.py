"""A third party's day: types from contracts of a running service, frames of its signed files, a contract that moves."""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk import Client
from tests.journeys.load import keys_of
from tests.processes import jobs, served, settings_env
from tests.schema.worlds import FLIGHT_ROWS, FLIGHTS, declare, found, release

WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a key and a folder."""

    url: str
    key: str
    folder: Path

    def codegen(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {"PGSB_URL": self.url, "PGSB_API_KEY": self.key}
        command = [sys.executable, "-m", "publicgsb_sdk.codegen", *arguments, "-o", "typed_world"]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=180)


@pytest.mark.prove
async def test_types_and_frames_of_a_running_service(
    settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await found(connections, state_dir)
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    environment = settings_env(settings)
    monkeypatch.syspath_prepend(tmp_path)
    with served(environment) as server, jobs(environment):
        party = Party(server.url, registered.key.secret, tmp_path)
        written = await asyncio.to_thread(party.codegen, "fly.flights", "air.airports")
        assert written.returncode == 0, written.stderr
        await asyncio.to_thread(_frames, party)
        moved = FLIGHTS.replace('version: "1.0.0"', 'version: "1.1.0"').replace("unit: minutes", "unit: min")
        await declare(connections, moved)
        assert (await release(connections, state_dir, "fly/flights", FLIGHT_ROWS)).release is not None
        refused = await asyncio.to_thread(_refused, party)
    assert "+# contract 1.1.0 sha256" in refused and "(min)" in refused


def _frames(party: Party) -> None:
    """Whole releases by their files and by pages, through every library, hold the same."""
    flights: Any = import_module("typed_world.fly.flights")
    with Client(party.key, party.url) as gsb:
        dataset = flights.dataset(gsb, strict=True)
        _until_made(gsb, "fly/flights")
        whole, paged = dataset.to_arrow(), dataset.order_by("key").to_arrow()
        assert whole.equals(paged) and whole.num_rows == 5
        assert whole.schema.metadata == paged.schema.metadata
        assert whole.schema.field("fare").type == paged.schema.field("fare").type
        assert dataset.to_pandas()["fare"].tolist()[:2] == [Decimal("10.50"), Decimal("99999999999999.99")]
        assert dataset.to_polars().to_arrow().column("left_at").equals(whole.column("left_at"))
        counted = dataset.duckdb().sql("select count(*), max(fare) from flights").fetchone()
        assert counted == (5, Decimal("99999999999999.99"))
        for name in ("flights.parquet", "flights.csv", "flights.xlsx"):
            taken = dataset.download(party.folder / name, name.rpartition(".")[2])
            assert sha256((party.folder / name).read_bytes()).hexdigest() == taken.sha256[0] and taken.rows == 5
        airports: Any = import_module("typed_world.air.airports")
        linked = airports.dataset(gsb).where(city="یزد").select("icao", "country.name").to_arrow()
        assert linked.to_pylist() == [{"icao": "OIYY", "country.name": "ایران"}]


def _until_made(gsb: Client, dataset: str) -> None:
    for _ in range(WAIT_SECONDS * 10):
        if gsb._session.manifest(gsb.dataset(dataset).contract, 1).is_made:
            return
        asyncio.run(asyncio.sleep(0.1))
    raise AssertionError("The files were not made.")


def _refused(party: Party) -> str:
    """What the gate of the third party's CI prints once the workers have heard of the new contract."""
    for _ in range(WAIT_SECONDS):
        checked = party.codegen("--check")
        if checked.returncode != 0:
            assert checked.returncode == 9, checked.stderr
            return checked.stdout
    raise AssertionError("The contract did not move.")
