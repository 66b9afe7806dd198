"""The three queries on our endpoint, on the handler written by hand and on bare ASGI; and what our own parts cost."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import orjson

from benchmarks import plan_hits, servers
from benchmarks.cases import Case, draw
from benchmarks.effort import Effort
from benchmarks.load import CLIENTS, find_wrk
from benchmarks.place import CONNECTIONS, Place
from benchmarks.planner import Planner, Question, Recipe, recipe
from benchmarks.results import Result
from benchmarks.rounds import SAMPLE, Series, Target, WrongAnswerError, in_turns, write_bodies
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.server.demo.sources import Say
from publicgsb.platform.server.secrets import load_secrets

Body: TypeAlias = dict[str, object]

OURS, BY_HAND, BARE, UNMETERED = "public-gsb", "by hand", "bare ASGI", "public-gsb, unmetered"
_EXPECTED = 200  # questions of a case whose right answers are known


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case with its questions planned and some of them answered by the database itself."""

    case: Case
    recipe: Recipe
    questions: tuple[Question, ...]  # in the order of the case
    expected: tuple[bytes, ...]  # of the first ones


@dataclass(frozen=True, slots=True)
class CaseResult:
    title: str
    answer_bytes: int  # of one of our answers
    series: Mapping[str, Series]

    def ratio(self, of: str, to: str) -> float:
        return self.series[of].median / self.series[to].median


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Raises WrongAnswerError when an answer was wrong, or when our server metered fewer requests than it answered."""
    wrk = find_wrk()
    prepared = await prepare_cases(place)
    with ExitStack() as stack:
        ours = stack.enter_context(servers.ours(place))
        by_hand = stack.enter_context(servers.handwritten(place, {one.case.name: one.recipe for one in prepared}))
        bare = stack.enter_context(servers.bare())
        compared = [_compare(place, one, (ours, by_hand, bare), wrk, effort, say) for one in prepared]
    with servers.ours(place, keeps_answers=True) as keeping, servers.bare() as bare:
        repeated = [_repeat(place, one, keeping, bare, wrk, effort, say) for one in prepared[:2]]
    await check_metered(place, [*compared, *repeated])
    metered = _meter(place, prepared[0], wrk, effort, say)
    hits = await plan_hits.measure(place)
    values = {
        f"{one.case.name}_hand": found.ratio(OURS, BY_HAND) for one, found in zip(prepared, compared, strict=True)
    }
    values |= {
        f"cached_{one.case.name}": found.ratio(OURS, BARE) for one, found in zip(prepared, repeated, strict=False)
    }
    values |= {"metering": metered.ratio(OURS, UNMETERED), "plan_hits": hits}
    return Result(values, _section([*compared, *repeated, metered], effort))


async def planner_of(place: Place) -> Planner:
    """With the secret that a server of these settings has, so that the cursors are its own."""
    pepper = load_secrets(place.settings).pepper
    return Planner(await place.registry(), hmac.digest(pepper, b"cursors", hashlib.sha256)[:16])


async def prepare_cases(place: Place) -> list[Prepared]:
    async with place.connections.use() as connection:
        planner = await planner_of(place)
        return [await _prepare(planner, case, connection) for case in await draw(planner, connection)]


async def _prepare(planner: Planner, case: Case, connection: Connection) -> Prepared:
    questions = tuple(planner.question(case.document, variables) for variables in case.questions)
    expected = [await question.answer(connection) for question in questions[:_EXPECTED]]
    return Prepared(case, recipe(questions), questions, tuple(expected))


def our_target(place: Place, one: Prepared, port: int, name: str = OURS) -> Target:
    """Our endpoint, asked all the questions of a case."""
    asked: list[Body] = [{"query": one.case.document, "variables": variables} for variables in one.case.questions]
    file = write_bodies(Path(place.settings.state_dir) / f"{one.case.name}.ours", asked)
    return Target(name, port, "/graphql", file, place.key, _pairs(asked, one.expected))


async def check_metered(place: Place, results: Sequence[CaseResult]) -> None:
    """The usage facts must know of every request that wrk saw answered; a server that ended has written all of them."""
    requests = sum(load.requests for result in results for load in result.series[OURS].loads)
    async with place.connections.use() as connection:
        metered: int = await connection.fetchval(
            "select coalesce(sum(requests), 0)::int8 from gsb.usage_fact where application_id = $1 and dataset_id = 0",
            place.application_id,
        )
    if metered < requests:
        raise WrongAnswerError(f"{requests:,} requests were answered, and only {metered:,} metered.")


def tell(say: Say, result: CaseResult) -> CaseResult:
    say(f"{result.title}: {', '.join(f'{name} {found.median:,.0f}/s' for name, found in result.series.items())}")
    return result


def _compare(
    place: Place, one: Prepared, ports: tuple[int, int, int], wrk: str, effort: Effort, say: Say
) -> CaseResult:
    ours, by_hand, bare = ports
    values: list[Body] = [{"values": one.recipe.values(question)} for question in one.questions]
    file = write_bodies(Path(place.settings.state_dir) / f"{one.case.name}.hand", values)
    first = our_target(place, one, ours)
    size = first.answer_size()
    targets = (
        first,
        Target(BY_HAND, by_hand, f"/{one.case.name}", file, expected=_pairs(values, one.expected)),
        Target(BARE, bare, f"/{size}", first.bodies),
    )
    return tell(say, CaseResult(one.case.title, size, in_turns(wrk, targets, effort)))


def _repeat(place: Place, one: Prepared, ours: int, bare: int, wrk: str, effort: Effort, say: Say) -> CaseResult:
    """The same question again and again."""
    body: Body = {"query": one.case.document, "variables": one.case.questions[0]}
    file = write_bodies(Path(place.settings.state_dir) / f"{one.case.name}.one", [body])
    first = Target(OURS, ours, "/graphql", file, place.key, _pairs([body], one.expected))
    size = first.answer_size()
    targets = (first, Target(BARE, bare, f"/{size}", file))
    return tell(say, CaseResult(f"repeated {one.case.title}", size, in_turns(wrk, targets, effort)))


def _meter(place: Place, one: Prepared, wrk: str, effort: Effort, say: Say) -> CaseResult:
    """Our server beside itself without keys, quotas and metering."""
    with servers.ours(place) as ours, servers.unmetered(place) as unmetered:
        targets = (our_target(place, one, ours), our_target(place, one, unmetered, UNMETERED))
        size = targets[0].answer_size()
        return tell(say, CaseResult(f"{one.case.title}, metered or not", size, in_turns(wrk, targets, effort)))


def _pairs(bodies: list[Body], expected: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((orjson.dumps(body), data) for body, data in zip(bodies, expected, strict=False))


def table(results: Sequence[CaseResult]) -> str:
    rows = "\n".join(
        f"| {one.title} | {one.answer_bytes:,} B | {name} | {series.median:,.0f} | {series.spread:.0%} "
        f"| {series.p50_ms:.2f} | {series.p99_ms:.2f} |"
        for one in results
        for name, series in one.series.items()
    )
    return f"""| query | our answer | server | requests/s | spread | p50 ms | p99 ms |
|---|---|---|---|---|---|---|
{rows}
"""


def how(effort: Effort) -> str:
    return f"""Medians of {effort.rounds} rounds of {effort.seconds} s, in turns; one process each with {CONNECTIONS}
connections to PostgreSQL, {CLIENTS} client connections by wrk, random questions. After every round {SAMPLE} answers
were compared with the SQL's, and no request may be refused or left unanswered. The spread is between the slowest and
the fastest round."""


def _section(results: Sequence[CaseResult], effort: Effort) -> str:
    return f"""## Queries

{how(effort)}

- **{OURS}**: `gsb serve` with keys, quotas (windows, month, concurrency) and metering on; afterwards the usage facts
  must hold every request that wrk saw answered.
- **{BY_HAND}**: a Starlette function endpoint with asyncpg's own pool and orjson, one route per query, that runs the
  very SQL that our planner makes. No key, no quota, no metering, no planning (`benchmarks/handwritten.py`).
- **{BARE}**: reads the request and answers as many bytes; for orientation.
- **{UNMETERED}**: our endpoint with keys, quotas and metering taken out (`benchmarks/unmetered.py`).
- A repeated query is one question asked again and again of our server as it is. Everywhere else it runs with
  `GSB_KEPT_ANSWERS_BYTES=0`, so that no answer comes from memory.

{table(results)}"""
