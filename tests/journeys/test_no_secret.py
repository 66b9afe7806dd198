"""Whatever a caller does with a key, right or wrong: no log line, metric, trace or error repeats it."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.format import checksum, draw
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import keys_of
from tests.processes import Server, served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city } } }'


@dataclass(frozen=True, slots=True)
class Run:
    """A served process, the secrets that it meets, and every answer that it gave but those that hand out a secret."""

    server: Server
    secrets: dict[str, str]
    answers: list[httpx2.Response]

    async def ask(self, http: httpx2.AsyncClient, method: str, path: str, **more: Any) -> httpx2.Response:
        answer = await http.request(method, path, **more)
        self.answers.append(answer)
        return answer


@pytest.fixture
async def run(connections: Connections, settings: Settings, state_dir: Path) -> AsyncIterator[Run]:
    await found(connections, state_dir)
    registered = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    gone = await keys_of(settings, connections).register("Another", "b@example.org", "Trying it")
    real, unknown = registered.key.secret, draw(KeyKind.LIVE).text
    forged = real[:13] + unknown[13:45]
    secrets = {
        "good": real,
        "exposed": gone.key.secret,
        "unknown": unknown,
        "forged": forged + checksum(forged),
        "damaged": real[:30] + ("a" if real[30] != "a" else "b") + real[31:],
        "truncated": draw(KeyKind.TEST).text[:-3],
        "agency": draw(KeyKind.AGENCY).text,
        "token": registered.owner_token.text,
    }
    with served(settings_env(settings, log_level="debug")) as server:
        exchange = httpx2.post(f"{server.url}/api/v1/auth/token", headers={"x-api-key": real}, timeout=60)
        yield Run(server, secrets | {"data token": exchange.json()["token"]}, [])


async def _everything(run: Run, http: httpx2.AsyncClient) -> None:
    """Each text in each place where a caller may put it, the wrong ones above all."""
    for text in run.secrets.values():
        for headers in (
            {"authorization": f"Bearer {text}"},
            {"authorization": f"Basic {text}"},
            {"authorization": text},
            {"x-api-key": text},
            {"x-api-key": text, "authorization": "Bearer another"},
            {"cookie": f"key={text}", "user-agent": text, "x-request-id": text, "referer": f"http://x/?key={text}"},
        ):
            await run.ask(http, "POST", "/graphql", json={"query": LOOK_UP}, headers=headers)
            await run.ask(http, "GET", "/api/v1/whoami", headers=headers)
            await run.ask(http, "GET", "/api/v1/quota", headers=headers)
            await run.ask(http, "GET", "/api/v1/keys", headers=headers)
            await run.ask(http, "GET", "/files/geo/countries/latest.csv", headers=headers)
        known = {"authorization": f"Bearer {run.secrets['good']}"}
        for path in (
            f"/graphql?key={text}",
            f"/api/v1/whoami?access_token={text}",
            f"/api/v1/keys/{text}",
            f"/{text}",
            f"/files/{text}/countries/latest.csv",
            f"/schema.graphql?datasets={text}",
            f"/metrics?x={text}",
        ):
            await run.ask(http, "GET", path, headers=known)
            await run.ask(http, "DELETE", path)
        for body in (
            {"query": f'{{ air {{ airport(by: {{icao: "{text}"}}) {{ city }} }} }}'},
            {"query": f'{{ air {{ airports(first: "{text}") {{ nodes {{ city }} }} }} }}'},
            {"query": f"{{ {text.replace('.', '_').replace('-', '_')} }}"},
            {"query": "query($a: Int) { air { airports(first: $a) { nodes { city } } } }", "variables": {"a": text}},
            {"query": LOOK_UP, "operationName": text},
            {"query": text},
            {text: text},
        ):
            await run.ask(http, "POST", "/graphql", json=body, headers=known)
        await run.ask(http, "POST", "/graphql", content=text, headers=known | {"content-type": "application/json"})
        await run.ask(http, "POST", "/api/v1/keys/revoke-exposed", json={"keys": text})
        await run.ask(http, "POST", "/api/v1/keys/revoke-exposed", json={text: [text]})
        await run.ask(http, "POST", "/api/v1/register", json={"name": text, "email": text, text: text})
        owner = {"authorization": f"Bearer {run.secrets['token']}"}
        await run.ask(http, "POST", "/api/v1/keys", json={"kind": text, "label": 1}, headers=owner)
        await run.ask(http, "POST", f"/api/v1/keys/{text}/rotate", headers=owner)
    texts = [text for name, text in run.secrets.items() if name in ("exposed", "unknown", "forged", "truncated")]
    await run.ask(http, "POST", "/api/v1/keys/revoke-exposed", json={"keys": texts})
    await run.ask(http, "GET", "/metrics")


def _parts(text: str) -> tuple[str, ...]:
    """Of a key its secret characters in runs of ten, of a token its three parts: an id alone is no secret."""
    if text.startswith("eyJ"):
        return tuple(part for part in text.split(".") if len(part) > 20)
    return tuple(text[at : at + 10] for at in range(13, len(text) - 9, 5))


async def test_no_secret_is_in_any_log_metric_trace_or_error(
    run: Run, settings: Settings, record_property: Callable[[str, object], None]
) -> None:
    async with httpx2.AsyncClient(base_url=run.server.url, timeout=60) as http:
        await _everything(run, http)
    record_property("answers_looked_at", len(run.answers))
    statuses = {answer.status_code for answer in run.answers}
    assert {200, 202, 400, 401, 403, 404, 405} <= statuses
    assert not any(status >= 500 for status in statuses)
    log = run.server.log_path.read_text()
    assert len(re.findall(r'"logger": "publicgsb.access"', log)) > 300
    assert settings.pepper is not None
    assert settings.pepper.get_secret_value() not in log
    for name, secret in run.secrets.items():
        for part in _parts(secret):
            assert part not in log, name
            for answer in run.answers:
                told = answer.text + str(answer.headers.multi_items())
                assert part not in told, (name, answer.request.method, answer.request.url, answer.request.content, told)
