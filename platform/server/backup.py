"""Everything an installation cannot make again, in one private file: database, pepper and signing key."""

import asyncio
import getpass
import hashlib
import json
import re
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from publicgsb.datasets.releases.recall import recall_again
from publicgsb.datasets.releases.recall_journal import JOURNAL_FILE, RecallLine, keep, merged, noted, recalls_of
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, Unavailable
from publicgsb.platform.server.checks import connect_for_checks
from publicgsb.platform.server.engines import make_state_dir
from publicgsb.platform.server.engines.binaries import postgres_programs
from publicgsb.platform.server.engines.processes import run
from publicgsb.platform.server.migrate import migrate, migrations
from publicgsb.platform.server.secrets import (
    PEPPER_FILE,
    SIGNING_KEY_FILE,
    load_secrets,
    peppers_as_file,
    peppers_of_file,
    write_private,
)
from publicgsb.platform.server.settings import Settings

_MANIFEST, _DUMP = "manifest.json", "database.dump"
_PARTS = (_DUMP, PEPPER_FILE, SIGNING_KEY_FILE)
_HOURS_MAX = 12
_ALIVE = "select count(*) from gsb.worker where fenced_at is null and heartbeat_at > now() - interval '10 s'"
# Grants name roles of the old server, which need not exist on the new one, so they are not in the dump.
_ROLE = """
do $$ begin
  if not exists (select from pg_roles where rolname = 'gsb_reader') then
    create role gsb_reader nologin;
  end if;
end $$
"""
_GRANTS = """
grant usage on schema released to gsb_reader;
grant select on all tables in schema released to gsb_reader;
alter default privileges in schema released grant select on tables to gsb_reader;
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first member of the file; the hashes are checked before anything is changed."""

    format: int
    created_at: str
    version: str
    migrations: tuple[str, ...]
    sha256: Mapping[str, str]


def backup(settings: Settings, database_url: str, file: Path, *, may_overwrite: bool = False) -> Manifest:
    """Write a consistent snapshot of a running or resting installation to `file`; whole or not at all."""
    if file.exists() and not may_overwrite:
        raise Conflict(f"{file} exists.", hint="Name another file, or add --force.", reason="file_exists")
    secrets = load_secrets(settings)
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".gsb-backup-") as folder:
        draft = Path(folder)
        write_private(draft / PEPPER_FILE, peppers_as_file(secrets.peppers))
        write_private(draft / SIGNING_KEY_FILE, secrets.signing_key_pem)
        _client("pg_dump", database_url, "--format=custom", "--no-owner", "--no-privileges", f"--file={draft / _DUMP}")
        manifest = Manifest(
            format=1,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            version=_version(),
            migrations=tuple(asyncio.run(_applied(database_url))),
            sha256={name: _sha256(draft / name) for name in _PARTS},
        )
        write_private(draft / _MANIFEST, json.dumps(asdict(manifest), indent=2).encode())
        write_private(draft / "backup.tar", b"")  # private before the first byte of a secret is in it
        with tarfile.open(draft / "backup.tar", "w") as tar:
            for name in (_MANIFEST, *_PARTS):
                tar.add(draft / name, arcname=name)
        (draft / "backup.tar").replace(file)
    return manifest


def restore(settings: Settings, database_url: str, file: Path, *, may_replace: bool = False) -> Manifest:
    """Put a backup in place of an empty database, or of any with `may_replace`; then migrate to this version."""
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".gsb-restore-") as folder:
        manifest = _unpack(file, Path(folder))
        pepper, signing_key = (Path(folder, name).read_bytes() for name in (PEPPER_FILE, SIGNING_KEY_FILE))
        _check_secrets_fit(settings, pepper, signing_key)
        make_state_dir(settings.state_dir)
        journal = settings.state_dir / JOURNAL_FILE
        known = asyncio.run(_make_room(database_url, journal, may_replace=may_replace))
        recalled = merged(known, noted(journal))
        _client(
            "pg_restore", database_url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
            Path(folder, _DUMP),
        )  # fmt: skip
    if settings.pepper is None:
        _put(settings.state_dir / PEPPER_FILE, pepper)
    if settings.signing_key_file is None:
        _put(settings.state_dir / SIGNING_KEY_FILE, signing_key)
    asyncio.run(_finish(database_url, manifest.created_at, recalled))
    return manifest


def _unpack(file: Path, folder: Path) -> Manifest:
    """Only the members that we know, by our own names; a file that was cut or changed is refused here."""
    try:
        with tarfile.open(file, "r:") as tar:
            for name in (_MANIFEST, *_PARTS):
                member = tar.extractfile(name)
                if member is None:
                    raise KeyError(name)
                write_private(folder / name, b"")
                with member, (folder / name).open("wb") as out:
                    shutil.copyfileobj(member, out)
        found = json.loads((folder / _MANIFEST).read_bytes())
        manifest = Manifest(**(found | {"migrations": tuple(found["migrations"])}))
        damaged = [name for name in _PARTS if _sha256(folder / name) != manifest.sha256[name]]
    except (tarfile.TarError, KeyError, TypeError, ValueError, EOFError) as error:
        raise InvalidRequest(f"{file} is no whole backup of Public GSB.", reason="backup") from error
    if damaged:
        raise InvalidRequest(f"{file} is damaged: {', '.join(damaged)}.", reason="backup")
    newer = sorted(set(manifest.migrations) - {one.name for one in migrations()})
    if newer:
        raise Conflict(
            f"The backup is of a newer version ({manifest.version}) than this one ({_version()}).",
            hint="Restore it with that version.",
            reason="backup_newer",
        )
    return manifest


def _check_secrets_fit(settings: Settings, pepper: bytes, signing_key: bytes) -> None:
    """A pepper that is set and differs would make every restored key invalid; better told before than after."""
    kept = peppers_of_file(pepper, 1)
    if settings.pepper is not None and settings.pepper.get_secret_value().encode() != kept.present:
        raise Conflict(
            "GSB_PEPPER is not the pepper of the backup, so no restored key would be valid.",
            hint="Unset GSB_PEPPER for the restore; the pepper is then written to the state folder.",
            reason="pepper",
        )
    if settings.pepper is not None and settings.pepper_version != kept.version:
        raise Conflict(
            f"The pepper of the backup has number {kept.version}, and GSB_PEPPER_VERSION is {settings.pepper_version}.",
            hint=f"Set GSB_PEPPER_VERSION={kept.version}, and GSB_OTHER_PEPPERS to what it was.",
            reason="pepper",
        )
    if settings.signing_key_file is not None and settings.signing_key_file.read_bytes() != signing_key:
        raise Conflict(
            "GSB_SIGNING_KEY_FILE is not the signing key of the backup, so no owner token would be valid.",
            hint="Unset GSB_SIGNING_KEY_FILE for the restore; the key is then written to the state folder.",
            reason="signing_key",
        )


async def _make_room(database_url: str, journal: Path, *, may_replace: bool) -> list[RecallLine]:
    """The recalls that the database knew of which is replaced. They are in the journal before it is dropped: whatever
    ends this process afterwards, the next start knows of them.
    """
    recalled: list[RecallLine] = []
    connection = await connect_for_checks(database_url)
    try:
        if await connection.fetchval("select to_regclass('gsb.worker')") is not None:
            alive = await connection.fetchval(_ALIVE)
            if alive:
                raise Conflict(
                    f"{alive} running processes use this database.",
                    hint="Stop `gsb serve` and `gsb jobs` first, and wait 10 seconds if one was killed.",
                    reason="in_use",
                )
        is_empty = not await connection.fetchval(
            "select exists (select from pg_namespace where nspname in ('gsb', 'released'))"
        )
        if not is_empty and not may_replace:
            raise Conflict(
                "The database is not empty.",
                hint="Restore into an empty one, or add --force to replace what it holds.",
                reason="database_not_empty",
            )
        if await connection.fetchval("select to_regclass('gsb.recall')") is not None:
            recalled = await recalls_of(connection)
            keep(journal, recalled)
        await connection.execute(_ROLE)
        async with connection.transaction():
            await connection.execute("set local lock_timeout = '10s'; set local client_min_messages = warning")
            await connection.execute("drop schema if exists gsb, released cascade")
            await connection.execute("drop table if exists public.gsb_migrations")
            await connection.execute("drop extension if exists pg_trgm cascade")
    finally:
        await connection.close()
    return recalled


async def _finish(database_url: str, made_at: str, recalled: list[RecallLine]) -> None:
    await migrate(database_url)
    connection = await connect_for_checks(database_url)
    try:
        await connection.execute(_GRANTS)
        # A kept head that is newer than the backup will not be found any more: this entry says why.
        await record(
            connection, f"operator:{getpass.getuser()}", "installation.restore", "installation", made_at=made_at
        )
        await connection.execute("analyze")
    finally:
        await connection.close()
    connections = Connections(database_url, size=1)
    try:
        await recall_again(connections, recalled)
    finally:
        await connections.close()


async def _applied(database_url: str) -> list[str]:
    connection = await connect_for_checks(database_url)
    try:
        return [row["name"] for row in await connection.fetch("select name from public.gsb_migrations order by name")]
    finally:
        await connection.close()


def _client(program: str, database_url: str, *arguments: str | Path) -> None:
    """Run pg_dump or pg_restore; the password goes by the environment, which other users cannot list."""
    parts = urlsplit(database_url)
    password = unquote(parts.password or "")
    plain = urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1)))
    done = run(
        [_find(program, asyncio.run(_server_major(database_url))), f"--dbname={plain}", *arguments],
        owner=None,
        timeout_seconds=_HOURS_MAX * 3600,
        environment={"PGPASSWORD": password} if password else {},
    )
    if done.code != 0:
        raise Unavailable(f"{program} failed.", hint=done.output.strip()[-2000:], reason="backup")


def _find(program: str, server_major: int) -> Path:
    """The program on PATH when it is of the server's own version, else the embedded one.

    pg_restore 18 says `set transaction_timeout`, which servers before 17 refuse.
    """
    found = shutil.which(program)
    if found is not None:
        version = re.search(r"\b(\d+)\.", run([Path(found), "--version"], owner=None).output)
        if version is not None and int(version[1]) == server_major:
            return Path(found)
    try:
        return postgres_programs() / program
    except Unavailable:
        raise Unavailable(f"{program} of PostgreSQL {server_major} is not installed.", reason="backup") from None


async def _server_major(database_url: str) -> int:
    connection = await connect_for_checks(database_url)
    try:
        return int(await connection.fetchval("show server_version_num")) // 10_000
    finally:
        await connection.close()


def _put(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.restored")
    draft.unlink(missing_ok=True)
    write_private(draft, content)
    draft.replace(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _version() -> str:
    try:
        return version("publicgsb")
    except PackageNotFoundError:
        return "unknown"
