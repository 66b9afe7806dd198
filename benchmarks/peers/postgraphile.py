"""PostGraphile 5 on the bench's database: set up from its lock file, told of keys and links, run as one process."""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.place import CONNECTIONS, Place

_FOLDER = Path(__file__).resolve().parent / "postgraphile"
_NODE = _FOLDER / "node_modules" / ".bin" / "node"

# What its documentation advises for tables without constraints of their own; the indexes are there.
_TAGS = (
    ("airports", "@name airports\n@primaryKey icao\n@unique iata\n"
     "@foreignKey (country_code) references {countries} (alpha2)|@fieldName country|@foreignFieldName airports"),
    ("countries", "@name countries\n@primaryKey alpha2"),
)  # fmt: skip
_WALK = """query ($after: Cursor) { allAirports(first: 1000, after: $after) {
  edges { cursor node { icao } } pageInfo { hasNextPage endCursor } } }"""


def install() -> None:
    """Into its node_modules, exactly what the lock says; once, and again when the lock has changed."""
    lock, done = _FOLDER / "package-lock.json", _FOLDER / "node_modules" / ".installed"
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("PostGraphile beside us needs npm, which is not here: apt-get install npm")
    subprocess.run([npm, "ci", "--silent"], cwd=_FOLDER, check=True)
    done.write_bytes(lock.read_bytes())


def versions() -> str:
    installed = [
        json.loads((_FOLDER / "node_modules" / name / "package.json").read_text())["version"]
        for name in ("postgraphile", "node")
    ]
    return "PostGraphile {}, Node {}".format(*installed)


async def tell(place: Place, tables: Mapping[str, str]) -> None:
    """Smart comments on the released tables: the same tables and indexes that we read."""
    async with place.connections.use() as connection:
        for name, tags in _TAGS:
            text = tags.format(countries=f'"{tables["countries"]}"')
            await connection.execute(f"comment on table released.\"{tables[name]}\" is '{text}'")


@contextmanager
def running(place: Place) -> Iterator[int]:
    port = servers.free_port()
    variables = dict(os.environ) | {
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "BENCH_DATABASE": place.database_url,
        "BENCH_CONNECTIONS": str(CONNECTIONS),
    }
    command = [str(_NODE), str(_FOLDER / "server.mjs"), str(port)]
    with servers.running(command, f"http://127.0.0.1:{port}/graphql", variables):
        yield port


def cursors(port: int) -> dict[str, str]:
    """Its cursor behind each airport, by ICAO code."""
    found: dict[str, str] = {}
    after = None
    while True:
        connection = _ask(port, _WALK, {"after": after})["allAirports"]
        found |= {edge["node"]["icao"]: edge["cursor"] for edge in connection["edges"]}
        if not connection["pageInfo"]["hasNextPage"]:
            return found
        after = connection["pageInfo"]["endCursor"]


def _ask(port: int, document: str, variables: Mapping[str, Any]) -> Any:
    body = json.dumps({"query": document, "variables": variables}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json", "Accept": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    if answer.get("errors"):
        raise SystemExit(f"PostGraphile answers {answer['errors']}")
    return answer["data"]
