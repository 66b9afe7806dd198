"""`gsb demo`: the whole main job on real data, on one machine, with nothing to set up."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import click

from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unauthenticated
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.platform.server.checks import check_port
from publicgsb.platform.server.cli.frame import Context, note
from publicgsb.platform.server.cli.serving import serve_http, termination_unwinds
from publicgsb.platform.server.cli.using import opened
from publicgsb.platform.server.demo.plan import DemoDataset
from publicgsb.platform.server.demo.prepare import prepare
from publicgsb.platform.server.demo.release import missing, release_all
from publicgsb.platform.server.secrets import Secrets, load_secrets
from publicgsb.platform.server.settings import Settings, publish_settings
from publicgsb.platform.server.starting import bring_up

STARTUP = ("Demo startup", "startup@publicgsb.example", "Trying Public GSB on sample data")
PUBLISHER = ("transport", "Demo publisher", "publisher@publicgsb.example")
READY_SECONDS = 60.0
STOP_SECONDS = 15.0


@click.command()
@click.option("--port", type=int, help="Instead of GSB_PORT.")
@click.option("--prepare-only", is_flag=True, help="Release the data and write demo.json, then stop.")
@click.pass_obj
def demo(context: Context, port: int | None, prepare_only: bool) -> None:
    """Release real sample data, register a startup, and serve until Ctrl-C."""
    context.overrides |= {"demo": True} | ({"port": port} if port else {})
    settings = _quiet(context.settings)
    publish_settings(settings)  # the jobs process reads them too
    if not prepare_only:
        check_port(settings.host, settings.port)
    with termination_unwinds(), context.engines() as engines:
        asyncio.run(bring_up(settings, engines.database_url))
        secrets = load_secrets(settings)
        written = asyncio.run(_set_up(context, settings, secrets, engines.database_url))
        if prepare_only:
            note(f"The demo is prepared; {settings.state_dir / 'demo.json'} holds its keys.")
            return
        jobs = subprocess.Popen([sys.executable, "-m", "publicgsb.platform.server", "jobs"])
        threading.Thread(target=_tell_when_ready, args=(settings, written), daemon=True).start()
        try:
            serve_http(settings)
        finally:
            jobs.terminate()
            try:
                jobs.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                jobs.kill()


def _quiet(settings: Settings) -> Settings:
    """A line for each request would push away what there is to paste; whoever sets a level has it."""
    if "log_level" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"log_level": "warning"})


async def _set_up(context: Context, settings: Settings, secrets: Secrets, database_url: str) -> dict[str, str]:
    async with opened(database_url) as connections:
        wanted = await missing(connections)
        if wanted:
            note("Fetching and releasing real data; this happens once and takes a few minutes.")
            folder = await asyncio.to_thread(prepare, settings.state_dir, note)

            def progress_of(one: DemoDataset) -> Any:
                bar = context.progress(f"  {one.agency}/{one.dataset}", None)

                def told(stage: Any, rows: int, bytes_read: int, bytes_total: int) -> None:
                    bar.update(rows, round(rows * bytes_total / bytes_read) if bytes_read else None)

                return told

            await release_all(connections, settings.state_dir, folder, wanted, note, progress_of)
        return await _keys(connections, settings, secrets)


async def _keys(connections: Connections, settings: Settings, secrets: Secrets) -> dict[str, str]:
    """demo.json of an earlier start when its keys are still good, else a new startup and a new publisher."""
    file = settings.state_dir / "demo.json"
    addresses = {"url": settings.base_url, "graphql": f"{settings.base_url}/graphql"}
    if file.exists():
        written = json.loads(file.read_text())
        if await _is_good(connections, secrets, written):
            return _write(file, {**written, **addresses})
    keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.peppers)
    registered = await keys.register(*STARTUP)
    slug, person, email = PUBLISHER
    agency_id = next(one.id for one in await list_agencies(connections) if one.slug == slug)
    publisher = await keys.create_agency_key(agency_id, person, email, Actor("demo", None))
    return _write(
        file,
        {
            **addresses,
            "key": registered.key.secret,
            "owner_token": registered.owner_token.text,
            "agency": slug,
            "agency_key": publisher.secret,
        },
    )


async def _is_good(connections: Connections, secrets: Secrets, written: dict[str, str]) -> bool:
    ring = KeyRing(connections, Pulse(connections, "demo"), secrets.peppers)
    try:
        for name in ("key", "agency_key"):
            await ring.authenticate(written[name])
    except (KeyError, Unauthenticated):
        return False
    return True


def _write(file: Path, content: dict[str, str]) -> dict[str, str]:
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
    draft.replace(file)
    return content


def _tell_when_ready(settings: Settings, written: dict[str, str]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{settings.base_url}/health/ready", timeout=2):  # noqa: S310
                break
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    else:
        return
    url, key = written["url"], written["key"]
    query = '{ aviation { airport(by: {icao: \\"OIIE\\"}) { name city country { nameFa } } } }'
    headers = "-H \"Authorization: Bearer $PGSB_API_KEY\" -H 'Content-Type: application/json'"
    python = 'print(next(Client().dataset("aviation.airports").where(country_code="IR").rows()))'
    click.echo(
        f"""
Public GSB is ready at {url}

In another terminal:

  export PGSB_URL={url}
  export PGSB_API_KEY={key}

  curl -s $PGSB_URL/graphql {headers} -d '{{"query": "{query}"}}'

  .venv/bin/python -c 'from publicgsb_sdk import Client; {python}'

Requests are logged with GSB_LOG_LEVEL=info. Ctrl-C stops everything that was started here."""
    )
