"""The three queries on our endpoint, on the handler written by hand and on bare ASGI."""

import hashlib
import hmac
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import orjson

from benchmarks import servers
from benchmarks.cases import Case, draw
from benchmarks.place import Place
from benchmarks.planner import Planner, Question, Recipe, recipe
from benchmarks.rounds import ROUND_SECONDS, ROUNDS, Series, Target, WrongAnswerError, in_turns, write_bodies
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.server.demo.sources import Say
from publicgsb.platform.server.secrets import load_secrets

Body: TypeAlias = dict[str, object]

OURS, BY_HAND, BARE = "public-gsb", "by hand", "bare ASGI"
_EXPECTED = 200  # questions of a case whose right answers are known


@dataclass(frozen=True, slots=True)
class CaseResult:
    case: Case
    answer_bytes: int  # of one of our answers
    series: Mapping[str, Series]

    @property
    def ratio(self) -> float:
        """Ours against the handler written by hand."""
        return self.series[OURS].median / self.series[BY_HAND].median


@dataclass(frozen=True, slots=True)
class _Prepared:
    case: Case
    recipe: Recipe
    questions: tuple[Question, ...]  # in the order of the case
    expected: tuple[bytes, ...]  # of the first ones


async def compare(
    place: Place, wrk: str, say: Say, *, rounds: int = ROUNDS, seconds: int = ROUND_SECONDS
) -> list[CaseResult]:
    """Raises WrongAnswerError when an answer was wrong, or when our server metered fewer requests than it answered."""
    async with place.connections.use() as connection:
        prepared = await _prepare(place, connection)
    with ExitStack() as stack:
        ours = stack.enter_context(servers.ours(place))
        by_hand = stack.enter_context(servers.handwritten(place, {one.case.name: one.recipe for one in prepared}))
        bare = stack.enter_context(servers.bare())
        results = []
        for one in prepared:
            targets, size = _targets(place, one, ours, by_hand, bare)
            series = in_turns(wrk, targets, rounds=rounds, seconds=seconds)
            results.append(CaseResult(one.case, size, series))
            say(f"{one.case.title}: {', '.join(f'{name} {found.median:,.0f}/s' for name, found in series.items())}")
    await _check_metered(place, sum(load.requests for result in results for load in result.series[OURS].loads))
    return results


async def planner_of(place: Place) -> Planner:
    """With the secret that a server of these settings has, so that the cursors are its own."""
    pepper = load_secrets(place.settings).pepper
    return Planner(await place.registry(), hmac.digest(pepper, b"cursors", hashlib.sha256)[:16])


async def _prepare(place: Place, connection: Connection) -> list[_Prepared]:
    planner = await planner_of(place)
    prepared = []
    for case in await draw(planner, connection):
        questions = tuple(planner.question(case.document, variables) for variables in case.questions)
        expected = [await question.answer(connection) for question in questions[:_EXPECTED]]
        prepared.append(_Prepared(case, recipe(questions), questions, tuple(expected)))
    return prepared


def _targets(place: Place, one: _Prepared, ours: int, by_hand: int, bare: int) -> tuple[list[Target], int]:
    folder = Path(place.settings.state_dir)
    name = one.case.name
    asked: list[Body] = [{"query": one.case.document, "variables": variables} for variables in one.case.questions]
    values: list[Body] = [{"values": one.recipe.values(question)} for question in one.questions]
    our_file = write_bodies(folder / f"{name}.ours", asked)
    hand_file = write_bodies(folder / f"{name}.hand", values)
    first = Target(OURS, ours, "/graphql", our_file, place.key, _pairs(asked, one.expected))
    size = first.answer_size()
    return [
        first,
        Target(BY_HAND, by_hand, f"/{name}", hand_file, expected=_pairs(values, one.expected)),
        Target(BARE, bare, f"/{size}", our_file),
    ], size


def _pairs(bodies: list[Body], expected: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((orjson.dumps(body), data) for body, data in zip(bodies, expected, strict=False))


async def _check_metered(place: Place, requests: int) -> None:
    """The usage facts must know of every request that wrk saw answered; a server that ended has written all of them."""
    async with place.connections.use() as connection:
        metered: int = await connection.fetchval(
            "select coalesce(sum(requests), 0)::int8 from gsb.usage_fact where application_id = $1 and dataset_id = 0",
            place.application_id,
        )
    if metered < requests:
        raise WrongAnswerError(f"{requests:,} requests were answered, and only {metered:,} metered.")
