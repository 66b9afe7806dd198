"""What each attack of tests/attacks costs a worker: ms of CPU of the process, and memory that stays.

Our application in this process, on a schema of 1,400 datasets beside the small world that the attacks ask.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.attack import Attack
from tests.attacks.cases import ATTACKS
from tests.attacks.direct import Answered, Direct
from tests.attacks.world import found_attacked
from tests.journeys.load import unlimited

from benchmarks import many
from benchmarks.beside_requests import UNREAD, unread_ms_per_second, websocket_ms
from benchmarks.effort import Effort
from benchmarks.place import Place
from benchmarks.results import Result
from benchmarks.rounds import WrongAnswerError
from publicgsb.platform.kernel.memory import Memory, give_back
from publicgsb.platform.server.app import build
from publicgsb.platform.server.demo.sources import Say

RUNS = 5
REPEATS = 200
_EARLIER = 2_000  # spellings from here on were met before anything was measured


@dataclass(frozen=True, slots=True)
class Cost:
    attack: Attack
    answer: str  # its status and code; the answer itself may be an introspection of 25 MB
    cpu_ms: float  # median
    worst_ms: float
    grown_mb: float  # by `REPEATS` more, each in another spelling


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Raises WrongAnswerError when an attack was answered by 5xx, or otherwise than the tests hold it to."""
    datasets = effort.of(many.DATASETS, 50)
    await many.fill(place.connections, datasets)
    await found_attacked(place.connections, Path(place.settings.state_dir))
    await unlimited(place.connections)
    app = build(place.settings, place.database_url, place.redis_url, memory=Memory(freezes=True))
    async with app.router.lifespan_context(app):
        direct = Direct(app, place.key)
        for attack in ATTACKS:
            await _warm(direct, attack)
        for attack in ATTACKS:
            await _meet(direct, attack, effort)
        costs: list[Cost] = []
        held_mb = _resident_mb()  # a full collection takes long here, so one stands between two attacks
        for attack in ATTACKS:
            cost = await _cost(direct, attack, effort, held_mb)
            held_mb += cost.grown_mb
            costs.append(cost)
        closed_ms = await websocket_ms(app)
        unread_ms = await unread_ms_per_second(direct)
    worst = max(costs, key=lambda one: one.cpu_ms)
    grown = sum(one.grown_mb for one in costs)
    say(f"{len(costs)} attacks; the dearest: {worst.attack}, {worst.cpu_ms:.1f} ms; memory {grown:+.1f} MB")
    values = {"attack_ms": worst.cpu_ms, "attack_grown": grown}
    beside = beside_requests(closed_ms, unread_ms)
    return Result(values, _section(costs, datasets, effort.of(REPEATS, 10)) + beside)


async def _warm(direct: Direct, attack: Attack) -> None:
    """Everything imported, every cache begun; introspection is made by a process beside us, and until then refused."""
    for _ in range(60):
        if (await direct.send(attack, 0)).status != 503:
            return
        await asyncio.sleep(1)
    raise WrongAnswerError(f"{attack} is not answered.")


async def _meet(direct: Direct, attack: Attack, effort: Effort) -> None:
    """As often as is measured afterwards: what is remembered of it has then reached its bounds, and what still grows
    has none. Documents are weighed by a guess (decision 14), so others may take more room within the same bound.
    """
    for number in range(effort.of(REPEATS, 10)):
        await direct.send(attack, _EARLIER + number)


async def _cost(direct: Direct, attack: Attack, effort: Effort, held_mb: float) -> Cost:
    took = []
    answered = None
    for number in range(1, RUNS + 1):
        began = time.process_time()
        answered = await direct.send(attack, number)
        took.append((time.process_time() - began) * 1000)
        _check(attack, answered)
    assert answered is not None
    for number in range(effort.of(REPEATS, 10)):
        await direct.send(attack, RUNS + 1 + number)
    answer = f"{answered.status} {answered.code or 'answered'}"
    del answered
    return Cost(attack, answer, statistics.median(took), max(took), _resident_mb() - held_mb)


def _check(attack: Attack, answered: Answered) -> None:
    """On a schema this large, what grows with the schema is refused for its price."""
    expected = {(attack.status, attack.code)} | ({(400, "QUERY_TOO_COSTLY")} if attack.grows else set())
    if (answered.status, answered.code) not in expected:
        raise WrongAnswerError(f"{attack}: {answered.status} {answered.code} is none of {expected}.")


def _resident_mb() -> float:
    gc.collect()
    give_back()  # as a worker does once a minute
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def _section(costs: Sequence[Cost], datasets: int, repeats: int) -> str:
    rows = "\n".join(
        f"| {one.attack.number} | {one.attack.name.replace('|', '¦')} | {one.answer} "
        f"| {one.cpu_ms:.1f} | {one.worst_ms:.1f} | {one.grown_mb:+.1f} |"
        for one in costs
    )
    return f"""## Attacks

Each request of `tests/attacks` through the endpoint in this process, on a schema of {datasets:,} datasets
beside the small world of the tests, measured on {time.strftime("%Y-%m-%d")} by `python -m benchmarks attacks`: CPU of
the whole process from request to answer (median and worst of {RUNS}, each in another spelling, so that none is known
already; the database's own CPU is not in it), and memory that {repeats} more of them left behind in a worker that had
met as many of each before. What is remembered takes turns, so single lines go up and down; what counts is their sum.

| | attack | answer | ms of CPU | worst | MB |
|---|---|---|---|---|---|
{rows}
"""


def beside_requests(closed_ms: float, unread_ms: float) -> str:
    return f"""
What is no request with a cost of its own:

| | attack | measure | figure |
|---|---|---|---|
| A15 | small cells and their differences | a question for sums like any other: what its aggregate costs | as A13, A25 |
| A19 | releases and contracts under load | stall of a worker | see "1,400 datasets" |
| A20 | {UNREAD} answers that nobody reads | ms of CPU per second, all together | {unread_ms:.1f} |
| A21 | a WebSocket, closed before it is accepted | ms of CPU each | {closed_ms:.2f} |
| A22 | what errors tell of the inside | looked for in every refusal above | as those |
"""
