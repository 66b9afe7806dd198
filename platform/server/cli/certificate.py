"""`gsb dataset certificate NAME [RELEASE]`: the signed certificate of a release, as JSON, as a page, or in short."""

import json
from pathlib import Path
from typing import Any

import click

from publicgsb.apikeys.signing.http import JWKS_PATH
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.datasets.privacy.certificates.http import kept, signed, state_of
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.server.certifying import signer_of, signing_with
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.using import run
from publicgsb.platform.server.portal.certificate import render_certificate
from publicgsb.platform.server.secrets import load_secrets


@click.command()
@click.argument("name")
@click.argument("release", required=False, type=click.IntRange(1, 999_999_999))
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the page to print.")
@click.pass_obj
def certificate(context: Context, name: str, release: int | None, html: Path | None) -> None:
    """Show the signed certificate of RELEASE of NAME, without one of the current release."""

    async def work(connections: Connections) -> dict[str, Any]:
        secrets = load_secrets(context.settings)
        sealer = Sealer(secrets.pepper, *secrets.peppers.others.values())
        signer = await signer_of(SigningKeys(connections, sealer), sealer)
        entry, seq = await _release(connections, name, release)
        found = await kept(connections, entry.agency.slug, entry.slug, seq)
        return signed(found, signing_with(lambda: signer), state_of(entry, seq))

    made = run(context, work)
    if html is not None:
        html.write_text(render_certificate(made, context.settings.base_url, JWKS_PATH), encoding="utf-8")
        note(f"{html} is written.")
    if context.as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        emit(_short(made))


async def _release(connections: Connections, name: str, release: int | None) -> tuple[DatasetEntry, int]:
    agency, separator, dataset = name.partition("/")
    if not separator:
        raise InvalidRequest(f"{name} is not of the form agency/dataset.", hint="For example aviation/airports.")
    async with connections.use() as connection:
        entry = (await load_registry(connection)).dataset(agency, dataset)
    if release is None and entry.current is None:
        raise NotFound(f"{name} has no current release.", hint="Name the number of an earlier one.")
    return entry, release or (entry.current.seq if entry.current else 0)


def _short(made: dict[str, Any]) -> dict[str, Any]:
    document = made["certificate"]
    anonymity = document["anonymity"]
    return {
        "dataset": document["dataset"],
        "release": document["release"],
        "state": made["state"],
        "rows": document["rows"],
        "pack": f"{document['pack']['name']} {document['pack']['version']}",
        "reviewer": document["reviewer"],
        "columns": {column["field"]: _verdict(column) for column in document["columns"]},
        "withheld": document["withheld"],
        "groups": anonymity and {name: anonymity[name] for name in ("profile", "k", "l", "isDeclared", "isMet")},
        "fileSha256": document["sha256"]["file"],
        "sha256": made["sha256"],
        "signature": made["signature"],
    }


def _verdict(column: dict[str, Any]) -> str:
    """With what the contract does to the column, as it writes it: transform (prefix 4)."""
    steps = (column.get("carriedOut") or {}).get("apply", ())
    named = ", ".join(step if isinstance(step, str) else " ".join(map(str, *step.items())) for step in steps)
    return f"{column['decision']} ({named})" if named else str(column["decision"])
