"""Who takes part: the operator at the service's terminal, the people of an agency over HTTP, and a startup.

Each acts with nothing but what the real one has: `gsb`, a personal key (gsba_…), a data key (gsbl_…).
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from publicgsb_sdk import Client, Result

COMMAND_SECONDS = 300
HTTP_SECONDS = 120
TRIES = 20


class Surprise(Exception):
    """Something of the show did not go as it should; the text says what."""


class Operator:
    """`gsb` on the machine of the service, in whose state folder it works."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def run(self, *arguments: str, exit_code: int = 0) -> Any:
        """What the command wrote, as JSON; a Surprise if it ends otherwise than `exit_code`."""
        done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
            [sys.executable, "-m", "publicgsb.platform.server", "--json", *arguments],
            env=self._environment, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode != exit_code:
            raise Surprise(f"gsb {' '.join(arguments[:3])} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
        return json.loads(done.stdout) if done.stdout.strip() else None


class Person:
    """One named person of an agency."""

    def __init__(self, url: str, name: str, key: str) -> None:
        self.name = name
        self._http = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=HTTP_SECONDS)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The JSON of an answer that is none of a refusal."""
        answer = patient(self._http, method, path, **more)
        if answer.status_code >= 300:
            raise Surprise(f"{self.name}: {method} {path} answered {answer.status_code}: {answer.text[:800]}")
        return answer.json()

    def refused(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """What a refusal says; a Surprise if it is none."""
        answer = patient(self._http, method, path, **more)
        if answer.status_code < 400:
            raise Surprise(f"{self.name}: {method} {path} was expected to be refused and was not.")
        told: dict[str, Any] = answer.json()
        return told

    def page(self, path: str) -> str:
        return patient(self._http, "GET", path).text

    def hand_in(self, dataset: str, file: Path, **params: str) -> dict[str, Any]:
        """A submission for agency/dataset."""
        agency, _, name = dataset.partition("/")
        with file.open("rb") as content:
            made: dict[str, Any] = self.ask(
                "POST",
                f"/api/v1/agencies/{agency}/datasets/{name}/submissions",
                params=params,
                content=content.read(),
                headers={"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())},
            )
        return made

    def declare(self, contract: dict[str, Any]) -> dict[str, Any]:
        """A new version of a contract that is there, in the place of exactly that one."""
        path = f"/api/v1/agencies/{contract['agency']}/datasets/{contract['dataset']}/contract"
        present = patient(self._http, "GET", path).headers["etag"]
        told: dict[str, Any] = self.ask("PUT", path, json=contract, headers={"If-Match": present})
        return told

    def close(self) -> None:
        self._http.close()


class Startup:
    """An application with a data key; it asks by the SDK, and for files without it, as any other tool would."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        self._client = Client(key, url, max_retries=8)
        self.http = httpx2.Client(base_url=url, headers={"X-API-Key": key}, timeout=HTTP_SECONDS)

    def graphql(self, query: str) -> Result:
        return self._client.graphql(query)

    def files(self, dataset: str, release: int | str = "latest") -> dict[str, Any]:
        agency, _, name = dataset.partition("/")
        path = f"/api/v1/agencies/{agency}/datasets/{name}/releases/{release}/files"
        answer = patient(self.http, "GET", path)
        if answer.status_code != 200:
            raise Surprise(f"The files of {dataset} answered {answer.status_code}: {answer.text[:800]}")
        listed: dict[str, Any] = answer.json()
        return listed

    def close(self) -> None:
        self._client.close()
        self.http.close()


def patient(http: httpx2.Client, method: str, path: str, **more: Any) -> httpx2.Response:
    """Asks again when told to wait: what takes no key is guarded per address."""
    answer = http.request(method, path, **more)
    for _ in range(TRIES):
        if answer.status_code != 429:
            break
        time.sleep(float(answer.headers.get("retry-after", "1")))
        answer = http.request(method, path, **more)
    return answer
