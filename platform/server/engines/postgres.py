"""One PostgreSQL cluster of our own: UTF-8, a password, a unix socket and nothing on the network."""

import logging
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.engines.home import Home
from publicgsb.platform.server.engines.processes import command_line, last_lines, run

_USER = "gsb"
_DATABASE = "publicgsb"
_START_SECONDS = 90  # a start after kill -9 replays up to max_wal_size

# The server's log never holds a statement or a row's values: both may carry what an agency must not release.
# wal_level=minimal lets COPY into a table of the same transaction skip the WAL. search_path leaves out
# "$user", which would be our schema gsb here and not elsewhere.
_SETTINGS = """\
# Written at every start by platform/server/engines/postgres.py; ALTER SYSTEM overrides it.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
jit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 15min
synchronous_commit = on
search_path = 'public'
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_checkpoints = off
log_min_error_statement = panic
log_error_verbosity = terse
password_encryption = 'scram-sha-256'
"""
# For tests only; they also count statements where the server itself counts them.
_UNSAFE_AND_FAST = """\
fsync = off
full_page_writes = off
synchronous_commit = off
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = none
"""
_CREATE_DATABASE = (
    "select 'create database publicgsb' "
    "where not exists (select from pg_database where datname = 'publicgsb') \\gexec\n"
)


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Postgres:
    """`is_durable=False` is for tests: what a power cut would lose is not worth an fsync."""

    home: Home
    programs: Path
    is_durable: bool = True

    @property
    def url(self) -> str:
        password = quote(self._password_file.read_text().strip(), safe="")
        return f"postgresql://{_USER}:{password}@/{_DATABASE}?host={quote(str(self.home.sockets))}"

    def start(self) -> None:
        """Leave a server running that answers; a running one is reused, a dead one's traces are removed."""
        if not (self._data / "PG_VERSION").is_file():
            self._set_aside()
            self._create()
        self._check_version()
        if not self._is_alive():
            self._start()
        self._wait_until_ready()
        self._create_database()

    def stop(self) -> None:
        """Stop in order; sessions that do not end are cut off."""
        if not self._is_alive():
            return
        for mode in ("fast", "immediate"):
            if self._control("stop", "-m", mode, "-w", "-t", "60") == 0:
                return

    @property
    def _data(self) -> Path:
        return self.home.folder / "postgres"

    @property
    def _log(self) -> Path:
        return self.home.folder / "log" / "postgres.log"

    @property
    def _password_file(self) -> Path:
        return self.home.folder / "postgres.password"

    def _set_aside(self) -> None:
        """An initdb that was interrupted before it wrote anything leaves folders only, and those are kept once.

        Raises Unavailable for a folder that holds files: whoever lost PG_VERSION may have all the rest.
        """
        if not self._data.exists():
            return
        if self.is_durable and not _has_folders_only(self._data):
            raise Unavailable(
                f"{self._data} holds data of PostgreSQL and no PG_VERSION: it was damaged or partly removed.",
                hint="Nothing was changed. Restore a backup into an empty state folder (docs/operations.md), put the "
                "missing file back, or, if the data may go, move that folder away and start again.",
                reason="engines",
            )
        rest = self.home.folder / "postgres.rest"
        shutil.rmtree(rest, ignore_errors=True)
        self._data.rename(rest)
        log.warning("%s had no PG_VERSION: it was set aside as %s, and a new one is made.", self._data, rest)

    def _create(self) -> None:
        """initdb beside the place and rename, so that a kill in the middle leaves nothing half made."""
        draft = self.home.folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._write(self._password_file, secrets.token_urlsafe(24))
        done = run(
            [
                self.programs / "initdb", "-D", draft, "-U", _USER, "--encoding=UTF8", "--locale=C.UTF-8",
                "--auth=scram-sha-256", f"--pwfile={self._password_file}", "--no-instructions",
                *([] if self.is_durable else ["--no-sync"]),
            ],
            owner=self.home.owner,
        )  # fmt: skip
        if done.code != 0:
            raise Unavailable(
                "PostgreSQL's data folder cannot be made.", hint=done.output.strip()[-2000:], reason="engines"
            )
        self._write(draft / "pg_hba.conf", "local all all scram-sha-256\n")
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\ninclude 'gsb.conf'\n")
        draft.rename(self._data)

    def _check_version(self) -> None:
        data = (self._data / "PG_VERSION").read_text().strip()
        here = run([self.programs / "postgres", "--version"], owner=self.home.owner).output.split()[-1]
        if here.split(".")[0] != data:
            raise Unavailable(
                f"The data in {self._data} is of PostgreSQL {data}, and the programs here are {here}.",
                hint="Make a backup with the version that wrote it and restore it here: docs/operations.md.",
                reason="engines",
            )

    def _is_alive(self) -> bool:
        """Whether the process of postmaster.pid lives and is ours: its number may be another's by now."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return False
        return str(self._data) in command_line(pid)

    def _start(self) -> None:
        for trace in (
            self._data / "postmaster.pid",
            self.home.sockets / ".s.PGSQL.5432",
            self.home.sockets / ".s.PGSQL.5432.lock",
        ):
            trace.unlink(missing_ok=True)
        text = _SETTINGS.format(sockets=self.home.sockets) + ("" if self.is_durable else _UNSAFE_AND_FAST)
        self._write(self._data / "gsb.conf", text)
        if self._log.exists() and self._log.stat().st_size > 10_000_000:
            self._log.replace(self._log.with_suffix(".log.1"))
        deadline = time.monotonic() + _START_SECONDS
        while self._control("start", "-w", "-t", str(_START_SECONDS), "-l", str(self._log)) != 0:
            # Children of a postmaster killed with -9 hold its memory until they notice.
            is_held = "shared memory block" in last_lines(self._log, 4)
            if not is_held or time.monotonic() > deadline:
                raise self._did_not_start()
            time.sleep(0.2)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        asking: list[str | Path] = [self.programs / "pg_isready", "-q", "-t", "2", "-h", self.home.sockets]
        while run(asking, owner=self.home.owner).code != 0:
            if time.monotonic() > deadline or not self._is_alive():
                raise self._did_not_start()
            time.sleep(0.05)

    def _create_database(self) -> None:
        done = run(
            [
                self.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1",
                "-h", self.home.sockets, "-U", _USER, "-d", "postgres",
            ],
            owner=self.home.owner,
            stdin=_CREATE_DATABASE,
            environment={"PGPASSWORD": self._password_file.read_text().strip()},
        )  # fmt: skip
        if done.code != 0:
            raise Unavailable(
                f"The database {_DATABASE} cannot be made.",
                hint=done.output.strip()[-2000:],
                reason="engines",
            )

    def _control(self, *arguments: str) -> int:
        command: list[str | Path] = [self.programs / "pg_ctl", "-s", "-D", self._data, *arguments]
        return run(command, owner=self.home.owner, timeout_seconds=_START_SECONDS + 30).code

    def _did_not_start(self) -> Unavailable:
        return Unavailable(
            "The embedded PostgreSQL did not start.",
            hint=f"The end of {self._log}:\n{last_lines(self._log)}",
            reason="engines",
        )

    def _write(self, path: Path, text: str) -> None:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        self.home.give(path)


def _has_folders_only(folder: Path) -> bool:
    return all(path.is_dir() and not path.is_symlink() for path in folder.rglob("*"))
