"""The three queries beside PostGraphile 5 and Strawberry, on the same tables, with equal answers."""

import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson

from benchmarks import servers
from benchmarks.effort import Effort
from benchmarks.load import find_wrk
from benchmarks.peers import postgraphile, questions
from benchmarks.peers.strawberry_app import Tables
from benchmarks.place import CONNECTIONS, Place
from benchmarks.queries import OURS, CaseResult, Prepared, check_metered, how, our_target, prepare_cases, table, tell
from benchmarks.results import Result
from benchmarks.rounds import Target, in_turns, write_bodies
from publicgsb.platform.server.demo.sources import Say

POSTGRAPHILE, STRAWBERRY = "PostGraphile 5", "Strawberry"


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Raises WrongAnswerError when a sampled answer of anybody holds other content than ours."""
    wrk = find_wrk()
    postgraphile.install()
    tables = await _tables(place)
    await postgraphile.tell(place, tables)
    prepared = await prepare_cases(place)
    icao_of = _icao_of(prepared)
    with ExitStack() as stack:
        ours = stack.enter_context(servers.ours(place))
        graphile = stack.enter_context(postgraphile.running(place))
        berry = stack.enter_context(_strawberry(place, tables))
        dialects = {
            POSTGRAPHILE: (graphile, questions.postgraphile(postgraphile.cursors(graphile), icao_of)),
            STRAWBERRY: (berry, questions.strawberry(icao_of)),
        }
        results = []
        for one in prepared:
            targets = [our_target(place, one, ours)]
            targets += [
                _target(place, one, name, port, dialect[one.case.name]) for name, (port, dialect) in dialects.items()
            ]
            size = targets[0].answer_size()
            results.append(tell(say, CaseResult(one.case.title, size, in_turns(wrk, targets, effort))))
    await check_metered(place, results)
    values: dict[str, float] = {}
    for one, found in zip(prepared, results, strict=True):
        values[f"{one.case.name}_postgraphile"] = found.ratio(OURS, POSTGRAPHILE)
        values[f"{one.case.name}_strawberry"] = found.ratio(OURS, STRAWBERRY)
    return Result(values, _section(results, effort), {"Peers": postgraphile.versions()})


async def _tables(place: Place) -> dict[str, str]:
    registry = await place.registry()
    found = {}
    for agency, dataset in (("aviation", "airports"), ("standards", "countries")):
        release = registry.dataset(agency, dataset).current
        assert release is not None
        found[dataset] = release.table
    return found


def _icao_of(prepared: list[Prepared]) -> dict[str, str]:
    """After which airport each cursor of the page case stands, as our own planner bound it."""
    page = next(one for one in prepared if one.case.name == "page")
    place = page.recipe.places[0]
    return {
        variables["after"]: question.arguments[place]
        for variables, question in zip(page.case.questions, page.questions, strict=True)
    }


def _target(place: Place, one: Prepared, name: str, port: int, dialect: questions.Dialect) -> Target:
    """The same questions in the peer's words; it must answer what ours does."""
    asked = [{"query": dialect.document, "variables": dict(dialect.variables(given))} for given in one.case.questions]
    ours = questions.OURS[one.case.name]
    expected = [questions.canonical(ours(orjson.loads(data))) for data in one.expected]
    pairs = [(orjson.dumps(body), content) for body, content in zip(asked, expected, strict=False)]
    file = write_bodies(Path(place.settings.state_dir) / f"{one.case.name}.{name.split(maxsplit=1)[0]}", asked)
    return Target(name, port, "/graphql", file, expected=pairs, read=dialect.read)


@contextmanager
def _strawberry(place: Place, tables: Mapping[str, str]) -> Iterator[int]:
    port = servers.free_port()
    file = Path(place.settings.state_dir) / "strawberry.pickle"
    named = Tables(*(f'released."{tables[name]}"' for name in ("airports", "countries")))
    file.write_bytes(pickle.dumps((place.database_url, named)))
    command = [sys.executable, "-m", "benchmarks.peers.strawberry_app", str(port), str(CONNECTIONS), str(file)]
    with servers.running(command, f"http://127.0.0.1:{port}/graphql", dict(os.environ)):
        yield port


def _section(results: list[CaseResult], effort: Effort) -> str:
    return f"""## Peers

{how(effort)} What a peer's answer holds must be what ours holds.

- **{OURS}**: with keys, quotas and metering on, and no answer from memory (`GSB_KEPT_ANSWERS_BYTES=0`).
- **{POSTGRAPHILE}**: Amber preset and the connection filter plug-in, `GRAPHILE_ENV=production`, no IDE, plans and
  prepared statements kept as it does by itself, on the released tables with smart comments for keys and links; no key,
  no quota, no metering (`benchmarks/peers/postgraphile`).
- **{STRAWBERRY}**: types by decorators, DataLoader, asyncpg's pool, ParserCache and ValidationCache; no key, no quota,
  no metering (`benchmarks/peers/strawberry_app.py`).

{table(results)}"""
