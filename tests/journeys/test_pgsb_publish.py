"""`pgsb publish` against a running service: a publisher hands in, a reviewer decides, both by command."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.apikeys.model import Actor, Role
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.datasets.reviews.model import Review
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk.cli.exits import Exit
from tests.journeys.pgsb_shell import Shell, fails, run
from tests.processes import jobs, served, settings_env
from tests.schema.worlds import COUNTRIES, found

GOOD = "code,name,population\nIR,ایران,1\nTR,Türkiye,2\nAF,افغانستان,3\n"
BAD = "code,name,population\nIR,ایران,many\n,Nobody,2\n"


@pytest.fixture
async def people(
    settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path
) -> AsyncIterator[tuple[Shell, Shell]]:
    """The publisher and the reviewer of agency geo, each with a machine of their own."""
    await found(connections, state_dir)
    secrets = load_secrets(settings)
    keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.pepper)
    agency_id = next(one.id for one in await list_agencies(connections) if one.slug == "geo")
    await set_review(connections, "geo", Review.REQUIRED, "tests")
    shells = []
    env = settings_env(settings)
    with served(env) as server, jobs(env):
        for name, role in (("Parisa", Role.PUBLISHER), ("Reza", Role.REVIEWER)):
            issued = await keys.create_agency_key(
                agency_id, name, f"{name}@example.org", Actor("tests", None), role=role
            )
            (tmp_path / name).mkdir()
            shells.append(Shell(server.url, tmp_path / name))
            said = await run(shells[-1], "auth", "login", stdin=issued.secret)
            assert said.json["credential"] == "agencyKey"
        yield shells[0], shells[1]


def write(shell: Shell, text: str) -> str:
    (shell.home / "rows.csv").write_text(text, encoding="utf-8")
    return "rows.csv"


@pytest.mark.prove
async def test_a_file_is_handed_in_reviewed_and_published(people: tuple[Shell, Shell]) -> None:
    publisher, reviewer = people
    file = write(publisher, GOOD)
    would = await run(publisher, "publish", "submit", "geo.countries", file, "--dry-run")
    assert would.json["to"].endswith("/api/v1/agencies/geo/datasets/countries/submissions")
    handed_in = await run(publisher, "publish", "submit", "geo.countries", file, "--wait")
    assert (handed_in.json["state"], handed_in.json["report"]["rowsRead"]) == ("in_review", 3)
    again = await run(publisher, "publish", "submit", "geo.countries", file)
    assert again.json["id"] == handed_in.json["id"]  # said twice, handed in once
    own = await fails(publisher, Exit.REFUSED, "publish", "approve", handed_in.json["id"], "--yes")
    assert own["details"]["reason"] == "own_submission"
    (waiting,) = (await run(reviewer, "publish", "review", "--state", "in_review")).lines
    seen = await run(reviewer, "publish", "approve", waiting["id"], "--dry-run")
    assert seen.json["review"]["rows"]["difference"] == 0
    await run(reviewer, "publish", "review", waiting["id"], "--html", "page.html")
    assert "<script" not in (reviewer.home / "page.html").read_text()
    approved = await run(reviewer, "publish", "approve", waiting["id"], "--yes")
    assert approved.json["decidedBy"] == "Reza"
    async with asyncio.timeout(60):
        while (await run(publisher, "publish", "review", waiting["id"])).json["state"] != "published":
            await asyncio.sleep(0.1)
    assert (await run(publisher, "dataset", "info", "geo.countries")).json["release"] == 2


@pytest.mark.prove
async def test_validating_publishes_nothing_and_a_bad_file_ends_with_3(people: tuple[Shell, Shell]) -> None:
    publisher, _ = people
    good = await run(publisher, "publish", "validate", "geo.countries", write(publisher, GOOD))
    assert "The file is good." in good.err
    assert (good.json["state"], good.json["report"]["rowsRead"]) == ("good", 3)
    bad = await run(publisher, "publish", "validate", "geo.countries", write(publisher, BAD), ends_with=Exit.REFUSED)
    assert bad.json["state"] == "refused"
    (publisher.home / "contract.yaml").write_text(COUNTRIES.replace("population", "inhabitants"), encoding="utf-8")
    own = ("--contract", "contract.yaml", "-o", "json")
    refused = await fails(publisher, Exit.USAGE, "publish", "validate", "geo.countries", "rows.csv", *own[:2])
    assert refused["details"]["reason"] == "version"
    (publisher.home / "contract.yaml").write_text(COUNTRIES, encoding="utf-8")
    same = await run(publisher, "publish", "validate", "geo.countries", write(publisher, GOOD), *own)
    assert same.json["state"] == "good"
    assert (await run(publisher, "publish", "review")).lines == []  # nothing was handed in
    write(publisher, BAD)
    table = await run(
        publisher, "publish", "validate", "geo.countries", "rows.csv", "-o", "table", ends_with=Exit.REFUSED
    )
    assert re.search(r"^row 1, population: .+ \(type-error, aaaa\)\n    \S", table.out, re.MULTILINE)
    assert re.search("^id +val_", table.out) and re.search("^state +refused$", table.out, re.MULTILINE)
    persian = ("publish", "validate", "geo.countries", "rows.csv", "-o", "table", "--locale", "fa")
    told = await run(publisher, *persian, ends_with=Exit.REFUSED)
    assert "\nردیف 1, population: " in told.out
    assert (told.err.splitlines()[0], told.err.splitlines()[-1]) == ("فرستادن", "فایل پذیرفتنی نیست.")


@pytest.mark.prove
async def test_drafts_reasons_and_taking_back(people: tuple[Shell, Shell]) -> None:
    publisher, reviewer = people
    draft = await run(publisher, "publish", "submit", "geo.countries", write(publisher, GOOD), "--draft")
    assert draft.json["state"] == "draft"
    handed_in = await run(publisher, "publish", "submit", draft.json["id"], "--wait")
    assert handed_in.json["state"] == "in_review"
    back = await run(reviewer, "publish", "send-back", draft.json["id"], "--reason", "ردیف افغانستان درست نیست.")
    assert (back.json["state"], back.json["reason"]) == ("sent_back", "ردیف افغانستان درست نیست.")
    other = await run(publisher, "publish", "submit", "geo.countries", "rows.csv", "--idempotency-key", "second")
    gone = await run(publisher, "publish", "withdraw", other.json["id"], "--reason", "too early")
    assert gone.json["state"] == "withdrawn"
    again = await run(publisher, "publish", "submit", "geo.countries", "rows.csv", "--idempotency-key", "second")
    assert "--idempotency-key with a text of yours" in again.err
    assert (await run(publisher, "publish", "diff", "geo.countries")).json["isBreaking"] is False
    missing = await fails(publisher, Exit.USAGE, "publish", "withdraw", "geo.countries", "--yes")
    assert "--reason-fa" in missing["message"]
    reasons = ("--reason-fa", "نمونه", "--reason-en", "sample")
    whole = await run(publisher, "publish", "withdraw", "geo.countries", *reasons, "--yes")
    assert whole.json["state"] == "withdrawn"


@pytest.mark.prove
async def test_what_is_not_reviewed_is_released_at_once(people: tuple[Shell, Shell], connections: Connections) -> None:
    publisher, _ = people
    await set_review(connections, "geo", Review.NONE, "tests")
    done = await run(publisher, "publish", "release", "geo.countries", write(publisher, GOOD))
    assert (done.json["state"], done.json["release"]) == ("released", 2)
    data = await fails(publisher, Exit.UNAUTHENTICATED, "row", "list", "geo.countries")
    assert "data key" in data["message"]
