"""A streaming replica as the reader: how soon it answers from a release, and that it never answers too soon."""

import asyncio
import dataclasses
import statistics
import time
from typing import Any

from pydantic import SecretStr

from benchmarks import deep, servers
from benchmarks.deep import Client
from benchmarks.effort import Effort
from benchmarks.place import Place, organisation
from benchmarks.replication import Pair, replicated
from benchmarks.results import Result
from benchmarks.rounds import WrongAnswerError
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.demo.sources import Say
from publicgsb.platform.server.migrate import migrate

_ROWS = 1_000
_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 30.0
_ASK = "{ deep { marks(first: 1) { nodes { count } } } }"


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    async with replicated(place.settings.state_dir) as pair:
        await migrate(pair.primary_url)
        connections = Connections(pair.primary_url, size=4)
        try:
            own = await _place(place, pair, connections)
            await deep.fill(connections, _ROWS)
            await pair.caught_up()
            with servers.ours(own) as port:
                client = Client(port, own.key)
                seconds = [await _release(own, client, number) for number in range(2, 2 + effort.of(20, 2))]
                early = await _paused(own, pair, client, number=effort.of(20, 2) + 2)
        finally:
            await connections.close()
    median = statistics.median(seconds)
    say(f"a release is answered from the replica {median:.2f} s after its commit; {early} answers too soon or wrong")
    return Result({"replica_swap": median, "replica_early": float(early)}, _section(seconds))


async def _place(place: Place, pair: Pair, connections: Connections) -> Place:
    settings = place.settings.model_copy(
        update={"database_url": SecretStr(pair.primary_url), "reader_url": SecretStr(pair.replica_url)}
    )
    settings.model_fields_set.add("reader_url")
    key, application_id = await organisation(connections, settings)
    return dataclasses.replace(
        place, connections=connections, settings=settings, key=key, application_id=application_id
    )


async def _release(place: Place, client: Client, number: int) -> float:
    """Seconds from the release's event, right before its commit, to the first answer out of it."""
    await _land(place, number)
    async with place.connections.use() as connection:
        committed: float = await connection.fetchval(
            "select extract(epoch from at)::float8 from gsb.event where kind = 'registry' order by seq desc limit 1"
        )
    await _wait_for(client, number)
    return time.time() - committed


async def _paused(place: Place, pair: Pair, client: Client, number: int) -> int:
    """Answers that were too soon or errors while the replica stood still."""
    before = await _answered(client)
    await pair.pause()
    landing = asyncio.create_task(_land(place, number))
    wrong = 0
    until = time.monotonic() + _PAUSE_SECONDS
    while time.monotonic() < until or not landing.done():
        wrong += await _answered(client) != before
    await landing
    await pair.resume()
    await _wait_for(client, number)
    return wrong


async def _wait_for(client: Client, number: int) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await _answered(client) != number:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def _land(place: Place, number: int) -> None:
    """A release whose first record tells its number."""
    file = place.settings.state_dir / "marks.csv"
    file.write_text(f"code,city,count,amount\n0000000,Later,{number},0.5\n", encoding="utf-8")
    outcome = await release_file(place.connections, place.settings.state_dir, "deep", "marks", file, "bench")
    if outcome.release is None:
        raise WrongAnswerError(outcome.report.as_table())


async def _answered(client: Client) -> int:
    data: Any = await client.ask(_ASK, {})
    count: int = data["deep"]["marks"]["nodes"][0]["count"]
    return count


def _section(seconds: list[float]) -> str:
    return f"""## A streaming replica

One worker with `GSB_READER_URL` on a streaming replica of its database, both on this machine. {len(seconds)} releases:
from the commit on the primary to the first answer out of the release {statistics.median(seconds):.2f} s, at most
{max(seconds):.2f} s. While its replay was paused, a release landed: the worker went on answering from the one before.
"""
