"""`pgsb publish draft | contract | diff | declare`: from a file to a contract, and from that to the next."""

from pathlib import Path

import pytest

from publicgsb.apikeys.model import Actor, Role
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk.cli.exits import Exit
from tests.journeys.pgsb_shell import Shell, fails, run
from tests.processes import jobs, served, settings_env
from tests.schema.worlds import COMMON, found

ROWS = "code,name\n0001,میدان آزادی\n0002,میدان انقلاب\n"
CONTRACT = (
    COMMON
    + """
agency: geo
dataset: squares
recordName: Square
title: { fa: "میدان‌ها", en: "Squares" }
primaryKey: [code]
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq] }
  - { name: name, type: string, label: { fa: "نام", en: "Name" }, filters: [eq] }
"""
)


@pytest.mark.prove
async def test_a_file_becomes_a_contract_and_that_the_next_one(
    settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path
) -> None:
    await found(connections, state_dir)
    secrets = load_secrets(settings)
    keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.pepper)
    agency_id = next(one.id for one in await list_agencies(connections) if one.slug == "geo")
    made = await keys.create_agency_key(agency_id, "Parisa", "p@example.org", Actor("tests", None), role=Role.PUBLISHER)
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
    env = settings_env(settings)
    with served(env) as server, jobs(env):
        pgsb = Shell(server.url, tmp_path, {"PGSB_AGENCY_KEY": made.secret})
        await run(pgsb, "publish", "draft", "geo.squares", "rows.csv", "--to", "draft.yaml")
        assert "zeroPad" not in (tmp_path / "draft.yaml").read_text(encoding="utf-8")
        assert 'name: "code"' in (tmp_path / "draft.yaml").read_text(encoding="utf-8")
        would = await run(pgsb, "publish", "diff", "geo.squares", "contract.yaml")
        assert (would.json["dryRun"], would.json["change"]["class"]) == (True, "first")
        declared = await run(pgsb, "publish", "declare", "geo.squares", "contract.yaml")
        assert (declared.json["result"], declared.json["sha256"]) == ("created", would.json["sha256"])
        text = CONTRACT.replace('"1.0.0"', '"1.1.0"').replace(
            "filters: [eq] }\n  - { name: name", "filters: [eq, in] }\n  - { name: name"
        )
        (tmp_path / "contract.yaml").write_text(text, encoding="utf-8")
        seen = await run(pgsb, "publish", "contract", "geo.squares", "--to", "present.json")
        assert declared.json["sha256"] in seen.err
        blind = await fails(pgsb, Exit.USAGE, "publish", "declare", "geo.squares", "contract.yaml")
        assert blind["status"] == 428
        stale = await fails(
            pgsb, Exit.CONFLICT, "publish", "declare", "geo.squares", "contract.yaml", "--replaces", "00"
        )
        assert stale["status"] == 412
        changed = await run(
            pgsb, "publish", "declare", "geo.squares", "contract.yaml", "--replaces", declared.json["sha256"]
        )
        assert changed.json["result"] in ("replaced", "next")
        (tmp_path / "contract.yaml").write_text("agency: geo\n", encoding="utf-8")
        wrong = await fails(pgsb, Exit.USAGE, "publish", "diff", "geo.squares", "contract.yaml")
        assert len(wrong["details"]["problems"]) > 3
