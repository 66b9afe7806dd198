"""`gsb dataset draft | add | validate | release | files | withdraw | deprecate | list | …`: of datasets."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click

from publicgsb.datasets.agencies import service as agencies
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.fetching.getting import get
from publicgsb.datasets.fetching.model import Known
from publicgsb.datasets.ingest.links import Warned
from publicgsb.datasets.ingest.report import Locale, Report
from publicgsb.datasets.privacy.applying import applied
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import deprecating, service
from publicgsb.datasets.releases.model import Outcome, Progress, Stage, Swapped
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.notes import read_notes
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.capacity import capacity
from publicgsb.platform.server.cli.certificate import certificate
from publicgsb.platform.server.cli.drafting import draft
from publicgsb.platform.server.cli.export import export
from publicgsb.platform.server.cli.files import files
from publicgsb.platform.server.cli.frame import EXIT_REFUSED, Context, emit, note
from publicgsb.platform.server.cli.personal import actor_of_command, key_text, perhaps_personal
from publicgsb.platform.server.cli.quality import quality
from publicgsb.platform.server.cli.source import source
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.platform.server.cli.validating import validated
from publicgsb.platform.server.fetching import fetch_rules
from publicgsb.platform.server.noticing import users_of

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NOTHING: dict[Locale, str] = {
    "en": "Nothing was released, and nothing was changed.",
    "fa": "چیزی منتشر نشد و چیزی تغییر نکرد.",
}
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group()
def dataset() -> None:
    """Datasets, their contracts and their releases. NAME is agency/dataset."""


@dataset.command()
@click.argument("contract", type=FILE)
@click.pass_obj
def add(context: Context, contract: Path) -> None:
    """Declare a dataset by its CONTRACT (YAML or JSON), or a new version of it."""
    parsed = load(contract)
    made = run(context, lambda connections: agencies.add_dataset(connections, parsed, operator()))
    emit({"dataset": parsed.slug, "version": parsed.version, "result": made.result.value})


@dataset.command()
@click.argument("contract", type=FILE)
@click.argument("file", type=FILE)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", help="Of the report.")
@click.option("--fa", "locale", flag_value="fa", help="The report in Persian.")
@click.option("--en", "locale", flag_value="en", default=True, help="The report in English.")
@click.option("--proposed", type=NEW_FILE, help="Where to write CONTRACT as the gate proposes to change it, as JSON.")
@click.pass_obj
def validate(context: Context, contract: Path, file: Path, form: str, locale: Locale, proposed: Path | None) -> None:
    """Check every row of FILE against CONTRACT and the privacy gate; nothing is released."""
    parsed = load(contract)
    with context.progress(f"checking {file.name}", None) as progress:
        report = validated(context, parsed, file, _progress(progress.update))
    _show(context, report, "json" if context.as_json else form, locale)
    if proposed is not None:
        _propose(parsed, report, proposed)
    if not report.is_releasable:
        raise click.exceptions.Exit(EXIT_REFUSED)


@dataset.command()
@click.argument("name")
@click.argument("file", type=FILE, required=False)
@click.option("--url", help="Fetch the file from here instead.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.FULL.value,
    help="What FILE is: the whole dataset, or rows to append, to upsert by key, or to correct.",
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day that the rows describe.")
@click.option("--notes-fa", help="What is new in it, in Persian; shown to everybody.")
@click.option("--notes-en", help="What is new in it, in English.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", help="Of a refusal.")
@click.option("--fa", "locale", flag_value="fa", help="The report in Persian.")
@click.option("--en", "locale", flag_value="en", default=True, help="The report in English.")
@click.pass_obj
def release(
    context: Context,
    name: str,
    file: Path | None,
    url: str | None,
    mode: str,
    as_of: datetime | None,
    notes_fa: str | None,
    notes_en: str | None,
    form: str,
    locale: Locale,
) -> None:
    """Release FILE as NAME, whole or on top of the current release; a file with errors changes nothing."""
    agency, slug = parts_of(name)
    if (file is None) is (url is None):
        raise click.UsageError("Give a FILE or a --url, and not both.")
    notes = read_notes(notes_fa, notes_en)

    async def work(connections: Connections) -> Outcome:
        await sweep(connections, context.settings.state_dir)
        if file is not None:
            return await released(connections, file)
        assert url is not None
        got = await get(url, Known(), fetch_rules(context.settings), context.settings.state_dir)
        assert got.upload is not None  # nothing was known before
        try:
            return await released(connections, got.upload.path)
        finally:
            got.upload.path.unlink(missing_ok=True)

    async def released(connections: Connections, path: Path) -> Outcome:
        with context.progress(f"releasing {name}", None) as progress:
            return await service.release_file(
                connections,
                context.settings.state_dir,
                agency,
                slug,
                path,
                operator(),
                as_of=as_of.date() if as_of else None,
                notes=notes,
                mode=Mode(mode),
                progress=_progress(progress.update),
                users_of=users_of,
            )

    outcome = run(context, work)
    if outcome.release is None:
        _show(context, outcome.report, "json" if context.as_json else form, locale)
        note(_NOTHING[locale])
        raise click.exceptions.Exit(EXIT_REFUSED)
    made = outcome.release
    emit(
        {
            "dataset": name,
            "release": made.seq,
            "rows": made.rows,
            "sha256": made.sha256,
            "file": outcome.report.found.as_json() if outcome.report.found else None,
            "changes": outcome.report.changed.as_json() if outcome.report.changed else None,
            "normalised": dict(outcome.report.normalisations),
            "links": {link: f"{rate.matched}/{rate.rows}" for link, rate in made.link_rates.items()},
            "unmatched": {
                link.name: [f"{shape} ({count})" for shape, count in link.shapes]
                for link in outcome.report.links
                if link.shapes
            },
            "warnings": [_said(warned, locale) for warned in outcome.report.warnings],
            "workersBehind": made.workers_behind,
        }
    )


@dataset.command()
@click.argument("name")
@click.option("--reason-fa", required=True, help="Why, in Persian; shown to everybody.")
@click.option("--reason-en", required=True, help="Why, in English.")
@click.option("--legal-ground", help="The law that asks for it; shown to everybody.")
@perhaps_personal
@click.pass_obj
def withdraw(
    context: Context, name: str, reason_fa: str, reason_en: str, legal_ground: str | None, key_file: TextIO | None
) -> None:
    """Stop answering NAME everywhere; `rollback` brings a release back."""
    agency, slug = parts_of(name)
    reason, text = Label(reason_fa, reason_en), key_text(key_file) if key_file else None

    async def work(connections: Connections) -> Swapped:
        actor = await actor_of_command(context, connections, text, agency, slug)
        return await service.withdraw(connections, agency, slug, reason, actor, legal_ground=legal_ground)

    done = run(context, work)
    emit({"dataset": name, "state": "withdrawn", **_reach(done)})


@dataset.command()
@click.argument("name")
@click.option("--sunset", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it is answered.")
@click.option("--successor", help="The dataset to use instead (agency/dataset).")
@click.option("--reason-fa", help="Why, in Persian; shown to everybody.")
@click.option("--reason-en", help="Why, in English.")
@click.option("--undo", is_flag=True, help="It stays after all.")
@perhaps_personal
@click.pass_obj
def deprecate(
    context: Context,
    name: str,
    sunset: datetime | None,
    successor: str | None,
    reason_fa: str | None,
    reason_en: str | None,
    undo: bool,
    key_file: TextIO | None,
) -> None:
    """Say that NAME is on its way out: in the catalogue, in the schema and to webhooks."""
    agency, slug = parts_of(name)
    if not undo and (sunset is None or reason_fa is None or reason_en is None):
        raise InvalidRequest("Say until when and why: --sunset, --reason-fa, --reason-en.", reason="settings")
    text = key_text(key_file) if key_file else None

    async def work(connections: Connections) -> Swapped:
        actor = await actor_of_command(context, connections, text, agency, slug)
        if undo:
            return await deprecating.undeprecate(connections, agency, slug, actor)
        assert sunset and reason_fa and reason_en
        reason = Label(reason_fa, reason_en)
        return await deprecating.deprecate(
            *(connections, agency, slug, sunset.date(), reason, actor), successor=successor
        )

    done = run(context, work)
    if undo:
        emit({"dataset": name, "state": "active", **_reach(done)})
        return
    assert sunset
    last_day = sunset.date()
    emit({"dataset": name, "state": "deprecated", "sunset": last_day.isoformat(), **_reach(done)})


@dataset.command()
@click.argument("name")
@click.option("--to", "seq", type=int, required=True, help="The number of an earlier release.")
@click.pass_obj
def rollback(context: Context, name: str, seq: int) -> None:
    """Make an earlier release of NAME the current one again."""
    agency, slug = parts_of(name)
    done = run(context, lambda connections: service.rollback(connections, agency, slug, seq, operator()))
    emit({"dataset": name, "release": seq, **_reach(done)})


@dataset.command(name="list")
@click.argument("name", required=False)
@click.pass_obj
def list_(context: Context, name: str | None) -> None:
    """List all datasets, or the releases of NAME."""
    if name is not None:
        agency, slug = parts_of(name)
        lines = run(context, lambda connections: service.list_releases(connections, agency, slug))
        emit(
            [
                {
                    "release": line.seq,
                    "state": "current" if line.is_current else line.state,
                    "contract": line.contract_version,
                    "rows": line.rows,
                    "kind": line.change_kind,
                    "added": line.added,
                    "replaced": line.replaced,
                    "published": line.published_at.isoformat(timespec="seconds"),
                    "by": line.actor,
                    "notes": {"fa": line.notes.fa, "en": line.notes.en} if line.notes else None,
                }
                for line in lines
            ],
            ["release", "state", "contract", "rows", "kind", "published", "by"],
        )
        return
    emit(
        [_line(entry) for entry in run(context, _entries)],
        ["dataset", "state", "access", "contract", "release", "rows", "licence"],
    )


dataset.add_command(capacity)
dataset.add_command(files)
dataset.add_command(export)
dataset.add_command(certificate)
dataset.add_command(draft)
dataset.add_command(quality)
dataset.add_command(source)


async def _entries(connections: Connections) -> list[DatasetEntry]:
    async with connections.use() as connection:
        registry = await load_registry(connection)
    return [registry.datasets[key] for key in sorted(registry.datasets)]


def _line(entry: DatasetEntry) -> dict[str, Any]:
    current = entry.current
    return {
        "dataset": entry.name,
        "state": entry.shown_state,
        "access": entry.contract.access.value,
        "contract": entry.contract.version,
        "release": current.seq if current else None,
        "rows": current.rows if current else None,
        "licence": entry.contract.licence.name,
    }


def _reach(done: Swapped) -> dict[str, Any]:
    where = "everywhere" if done.workers_behind == 0 else f"{done.workers_behind} of {done.workers} not yet told"
    return {"effective": where, "workers": done.workers, "tookMs": done.took_ms}


def _progress(update: Any) -> Progress:
    def told(stage: Stage, rows: int, bytes_read: int, bytes_total: int) -> None:
        expected = round(rows * bytes_total / bytes_read) if bytes_read and stage is Stage.READING else None
        update(rows, expected)

    return told


def _show(context: Context, report: Report, form: str, locale: Locale) -> None:
    if form == "json":
        context.as_json = True
        emit(report.as_json())
    elif form == "csv":
        click.echo(report.as_csv(), nl=False)
    else:
        click.echo(report.as_table(locale))


def _said(warned: Warned, locale: Locale) -> str:
    what, fix = (warned.message.fa, warned.fix.fa) if locale == "fa" else (warned.message.en, warned.fix.en)
    return f"{what} {fix}"


def _propose(contract: Contract, report: Report, target: Path) -> None:
    proposals = report.privacy.proposals if report.privacy is not None else ()
    if not proposals:
        note("The privacy gate proposes no change.")
        return
    document = json.dumps(applied(contract, proposals), ensure_ascii=False, indent=2)
    target.write_text(document + "\n", encoding="utf-8")
    note(f"{target} is the contract with {len(proposals)} changed fields; read it before you declare it.")


def parts_of(name: str) -> tuple[str, str]:
    agency, separator, slug = name.partition("/")
    if not (agency and separator and slug):
        raise InvalidRequest(f"{name} is not of the form agency/dataset.", hint="For example aviation/airports.")
    return agency, slug
