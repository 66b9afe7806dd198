"""`python -m benchmarks.long [requests]`: mixed requests to one worker, and whether its memory grows.

Look-ups, pages, nesting, searches, aggregates, changes, GET with and without a tag, documents that nobody sent before
and refusals, on the small world of the tests; a fifth of the requests is warm-up. It ends with status 1 when memory
grew by more than 5 %, or when anything was answered by 5xx. 1,000,000 when no number is given: `make prove-long`.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import uvloop
from tests.schema.worlds import found

from benchmarks import servers
from benchmarks.place import Place, place
from publicgsb.platform.server.settings import load_settings

REQUESTS = 1_000_000
LINES = 16
GROWTH_MAX = 0.05
_WARM_UP = 0.2
_KEYS = ("OIIE", "OIII", "OIYY", "OIZZ", "LTFM", "XXXX", "NONE")
_DOCUMENTS = (
    "query Up($k: String!) { air { airport(by: {icao: $k}) { icao city country { name } } } }",
    "query Page($n: Int) { air { airports(first: $n) { nodes { icao city elevation } pageInfo { endCursor } } } }",
    "query Nested($n: Int) { geo { countries(first: $n) { nodes { code airports(first: 2) { totalCount nodes { icao "
    "departures(first: 2) { nodes { number delay } } } } } } } }",
    'query Search($n: Int) { air { airports(search: "تهران", first: $n) { nodes { icao } } } }',
    "query Groups($n: Int) { air { airportsAggregate(groupBy: [COUNTRY_CODE], first: $n) { groups { count } } } }",
    "query Where($k: String!) { air { airports(where: {icao: {startsWith: $k}}) { totalCount nodes { icao } } } }",
    "query Changes($n: Int) { air { airportsChanges(since: 1, first: $n) { nodes { __typename } } } }",
    "query Me { me { plan } }",
)
_WRONG = ("{", "{ air { nope } }", "{ air { airports(first: -1) { totalCount } } }", "mutation { x }")


class _Line:
    """One connection that is kept, and the last tag that it was given."""

    def __init__(self, port: int, key: str, seed: int) -> None:
        self._port = port
        self._head = f"Host: gsb\r\nAuthorization: Bearer {key}\r\n"
        self._random = random.Random(seed)
        self._tag = '"none"'

    async def run(self, requests: int, seen: Counter[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            for _ in range(requests):
                writer.write(self._request())
                head = await reader.readuntil(b"\r\n\r\n")
                status, size = int(head[9:12]), 0
                for line in head.decode().split("\r\n"):
                    name, _, value = line.partition(": ")
                    if name.lower() == "content-length":
                        size = int(value)
                    elif name.lower() == "etag":
                        self._tag = value
                await reader.readexactly(size)
                seen[status] += 1
        finally:
            writer.close()

    def _request(self) -> bytes:
        chance = self._random.random()
        variables = {"k": self._random.choice(_KEYS), "n": self._random.randint(1, 40)}
        document = self._random.choice(_DOCUMENTS)
        if chance < 0.02:
            document = self._random.choice(_WRONG)
        elif chance < 0.04:
            document = document.replace("query ", f"query N{self._random.getrandbits(60)}", 1)
        elif chance < 0.3:
            tag = f"If-None-Match: {self._tag}\r\n" if chance < 0.2 else ""
            asked = f"query={quote(document)}&variables={quote(json.dumps(variables))}"
            return f"GET /graphql?{asked} HTTP/1.1\r\n{self._head}{tag}\r\n".encode()
        body = json.dumps({"query": document, "variables": variables})
        head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"POST /graphql HTTP/1.1\r\n{self._head}{head}\r\n{body}".encode()


async def measure(requests: int) -> bool:
    """Whether memory stayed."""
    async with place(load_settings(), (), print) as here:
        await found(here.connections, Path(here.settings.state_dir))
        port = servers.free_port()
        command = [*servers.GSB, "serve", "--port", str(port), "--workers", "1"]
        ready, variables = f"http://127.0.0.1:{port}/health/ready", servers.environment(here.settings)
        with servers.running(command, ready, variables) as pid:
            seen: Counter[int] = Counter()
            began = time.monotonic()
            warm_up = round(requests * _WARM_UP)
            await _ask(here, port, warm_up, seen, 0)
            warm = _resident_mb(pid)
            await _ask(here, port, requests - warm_up, seen, 1)
            end = _resident_mb(pid)
    growth = end / warm - 1
    broken = sum(count for status, count in seen.items() if status >= 500)
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(seen.items()))
    print(
        f"{time.strftime('%Y-%m-%d')}: {sum(seen.values()):,} requests in {time.monotonic() - began:,.0f} s "
        f"({answers}); memory of the worker {warm:.1f} MB after {warm_up:,} and {end:.1f} MB at the end: {growth:+.1%}"
    )
    return growth <= GROWTH_MAX and not broken


async def _ask(here: Place, port: int, requests: int, seen: Counter[int], seed: int) -> None:
    lines = [_Line(port, here.key, seed * LINES + number) for number in range(LINES)]
    await asyncio.gather(*(line.run(requests // LINES, seen) for line in lines))


def _resident_mb(pid: int) -> float:
    """Of the server and, where it has any, of the processes below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6 + sum(_resident_mb(int(child)) for child in children)


if __name__ == "__main__":
    sys.exit(0 if uvloop.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS)) else 1)
