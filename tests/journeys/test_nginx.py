"""Four `gsb serve` processes behind nginx, as an operator would run them on one machine: one account, one sum."""

import asyncio
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.debian import program
from tests.journeys.load import keys_of, limited
from tests.processes import free_port, served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove

PROCESSES = 4
CLIENTS = 32
MONTH = 3_000
LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'

NGINX = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream gsb {{
    {servers}
    keepalive 64;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://gsb;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, upstreams: list[str]) -> Iterator[str]:
    """In turns to each; gives its address."""
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    servers = " ".join(f"server {url.removeprefix('http://')};" for url in upstreams)
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, servers=servers, port=port))
    process = subprocess.Popen([program("nginx", "nginx-light"), "-c", str(file), "-p", str(folder)])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


async def test_a_month_is_used_up_to_the_unit_behind_a_proxy(
    settings: Settings, connections: Connections, state_dir: Path, record_property: Callable[[str, object], None]
) -> None:
    await found(connections, state_dir)
    await limited(connections, lambda one: MONTH if one.name == "month" else 1_000_000_000)
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    environment = settings_env(settings, redis_timeout_ms="5000", wait_ms_max="5000")
    with ExitStack() as stack:
        processes = [stack.enter_context(served(environment)) for _ in range(PROCESSES)]
        url = stack.enter_context(nginx(state_dir / "nginx", [one.url for one in processes]))
        async with httpx2.AsyncClient(base_url=url, timeout=30, limits=httpx2.Limits(max_connections=CLIENTS)) as http:
            await _until_it_answers(http)
            told = await asyncio.gather(*(_ask_until_the_end(http, registered.key.secret) for _ in range(CLIENTS)))
    codes = Counter(code for one in told for code, _ in one)
    record_property("answers", codes[""])
    record_property("points", sum(points for one in told for _, points in one))
    assert set(codes) == {"", "QUOTA_EXHAUSTED"}
    assert sum(points for one in told for _, points in one) == MONTH
    async with connections.use() as connection:
        used = await connection.fetchval("select used from gsb.quota_account where policy = 'month'")
        noted = await connection.fetchval("select sum(points)::int from gsb.usage_fact where dataset_id = 0")
        workers = await connection.fetchval("select count(distinct worker_boot) from gsb.usage_fact")
    assert (used, noted, workers) == (MONTH, MONTH, PROCESSES)


async def _ask_until_the_end(http: httpx2.AsyncClient, key: str) -> list[tuple[str, int]]:
    """Each answer's code, "" for data, and the points that it cost; the last is a refusal."""
    told: list[tuple[str, int]] = []
    while not told or told[-1][0] == "":
        answer = await http.post("/graphql", json={"query": LOOK_UP}, headers={"authorization": f"Bearer {key}"})
        body = answer.json()
        if "errors" in body:
            told.append((body["errors"][0]["extensions"]["code"], 0))
        else:
            told.append(("", body["extensions"]["cost"]["actual"]))
    return told


async def _until_it_answers(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await http.get("/health/ready")).status_code == 200:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.02)
