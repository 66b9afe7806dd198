"""`gsb migrate | backup | restore | reset`: the state of an installation as a whole."""

from pathlib import Path

import click

from publicgsb.platform.server import backup as backups
from publicgsb.platform.server import migrate as migrations
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.engines import remove_engines


@click.command()
@click.option("--dry-run", is_flag=True, help="Only name what would be applied.")
@click.pass_obj
def migrate(context: Context, dry_run: bool) -> None:
    """Bring the database to this version."""
    if dry_run:
        emit({"pending": context.run(lambda engines: migrations.pending(engines.database_url))})
    else:
        emit({"applied": context.run(lambda engines: migrations.migrate(engines.database_url))})


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.pass_obj
def backup(context: Context, file: Path, force: bool) -> None:
    """Write database, pepper and signing key to FILE (mode 0600). Whoever has it has everything."""
    with context.engines() as engines:
        manifest = backups.backup(context.settings, engines.database_url, file, may_overwrite=force)
    emit({"file": str(file), "bytes": file.stat().st_size, "createdAt": manifest.created_at})


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what the database holds.")
@click.pass_obj
def restore(context: Context, file: Path, force: bool) -> None:
    """Read database, pepper and signing key from FILE. Stop `serve` and `jobs` first."""
    with context.engines() as engines:
        manifest = backups.restore(context.settings, engines.database_url, file, may_replace=force)
    emit({"file": str(file), "createdAt": manifest.created_at, "version": manifest.version})


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset(context: Context, yes: bool) -> None:
    """Stop the embedded engines and remove ALL data of the state folder."""
    state_dir = context.settings.state_dir.absolute()
    if not yes:
        click.confirm(f"Remove everything in {state_dir}?", abort=True, err=True)
    removed = remove_engines(context.settings)
    if not removed:
        note(f"There is nothing in {state_dir}.")
    emit({"removed": [str(path) for path in removed]})
