"""The lines of docs/releasing.md that bring a file into the API without a command line are run as they stand there."""

import asyncio
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.model import Actor
from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import keys_of
from tests.journeys.test_declaring import filled
from tests.processes import jobs, served, settings_env

GUIDE = Path(__file__).resolve().parents[2] / "docs/releasing.md"
SECONDS = 60.0


def lines() -> list[str]:
    section = GUIDE.read_text(encoding="utf-8").partition("### Without a command line")[2].partition("\n## ")[0]
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL)).replace("\\\n", " ")
    return [line for line in blocks.splitlines() if line.startswith("curl")]


class Shell:
    def __init__(self, folder: Path, api: str, key: str) -> None:
        self._folder, self._env = folder, {**os.environ, "API": f"{api}/api/v1", "KEY": key}

    def __call__(self, line: str) -> str:
        done = subprocess.run(
            line, shell=True, cwd=self._folder, env=self._env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def until(self, line: str, ended: str) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while (told := json.loads(self(line)))["state"] in ("queued", "running"):
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
        assert told["state"] == ended, told
        return dict(told)


@pytest.mark.prove
async def test_every_line_of_the_guide_does_what_it_says(
    settings: Settings, connections: Connections, tmp_path: Path
) -> None:
    agency = await add_agency(connections, "roads", Label("راه‌ها", "Roads agency"), "tests")
    actor = Actor("tests", None)
    issued = await keys_of(settings, connections).create_agency_key(agency.id, "Sara", "sara@roads.example", actor)
    env = settings_env(settings)
    with served(env) as server, jobs(env):
        await asyncio.to_thread(_follow, Shell(tmp_path, server.url, issued.secret), tmp_path, server.url)


def _follow(shell: Shell, folder: Path, url: str) -> None:
    (folder / "rows.csv").write_text("code,name\n0001,Stop\n0002,Yield\n0003,Bend\n", encoding="utf-8")
    draft, proposal, dry, declare, release, look, change, judge, under = lines()
    at = re.findall(r"(?im)^location: /api/v1/(drafts/\S+)", shell(draft))[0]
    mine = f'curl -s -H "Authorization: Bearer $KEY" $API/{at}'
    shell.until(mine, "made")
    shell(proposal.replace("drafts/drf_…", at))
    assert json.loads(shell(dry))["details"]["problems"]
    document = filled(read_text((folder / "contract.yaml").read_text(encoding="utf-8")))
    (folder / "contract.yaml").write_text(json.dumps(document), encoding="utf-8")
    assert json.loads(shell(dry))["result"] == "created"
    assert shell(declare).startswith("HTTP/1.1 201")
    job = json.loads(shell(release))["id"]
    shell.until(f'curl -s -H "Authorization: Bearer $KEY" $API/jobs/{job}', "released")
    assert "0002,Yield" in httpx2.get(f"{url}/files/roads/signs/latest.csv", timeout=60).text
    etag = re.findall(r'(?im)^etag: "(\w+)"', shell(look))[0]
    (folder / "contract.yaml").write_text(json.dumps(document | {"version": "1.0.1", "contact": "a@roads.example"}))
    changed = json.loads(shell(change.replace("3f…", etag)))
    assert (changed["takesEffect"], changed["change"]["class"]) == ("next_release", "patch")
    (folder / "contract.yaml").write_text(json.dumps(document | {"version": "1.0.2"}))
    assert json.loads(shell(change.replace("3f…", etag)))["details"]["etag"] == f'"{changed["sha256"]}"'
    at = re.findall(r"(?im)^location: /api/v1/(validations/\S+)", shell(judge.replace("curl", "curl -i")))[0]
    shell.until(f'curl -s -H "Authorization: Bearer $KEY" $API/{at}', "good")
    (folder / "contract.yaml").write_text(json.dumps(document | {"version": "1.1.0"}))
    assert json.loads(shell(under))["file"].endswith("/file")
