"""The two engines, embedded or given: started by the first process that needs them, stopped by the last."""

import asyncio
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.server.engines.binaries import postgres_programs, valkey_program
from publicgsb.platform.server.engines.home import SYSTEM_FOLDER, Home, find_home, home_folder
from publicgsb.platform.server.engines.postgres import Postgres
from publicgsb.platform.server.engines.turnstile import Turnstile
from publicgsb.platform.server.engines.valkey import Valkey
from publicgsb.platform.server.settings import Settings

__all__ = ["Engines", "is_there", "remove_engines"]


class Engines:
    """`with Engines(settings) as engines:` or `async with`; the three URLs are valid inside.

    Whatever has a URL in the settings is used as given and never started or stopped. `is_temporary` is for
    tests: no fsync, and the last one to leave removes the data.
    """

    def __init__(self, settings: Settings, *, system_folder: Path = SYSTEM_FOLDER, is_temporary: bool = False) -> None:
        self._settings = settings
        self._system_folder = system_folder
        self._is_temporary = is_temporary
        self._turnstile = Turnstile(settings.state_dir.absolute())
        self._home: Home | None = None
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None
        self.database_url = _reveal(settings.database_url)
        self.reader_url = _reveal(settings.reader_url)
        self.redis_url = _reveal(settings.redis_url)

    def enter(self) -> Self:
        make_state_dir(self._settings.state_dir)
        if not (self.database_url and self.redis_url):
            self._turnstile.enter(self._start)
        self.reader_url = self.reader_url or self.database_url
        return self

    def leave(self) -> None:
        self._turnstile.leave(self._stop)

    def _start(self) -> None:
        home = find_home(self._settings.state_dir, self._system_folder)
        home.make()
        self._home = home
        if not self.redis_url:
            self._valkey = Valkey(home, valkey_program(home.owner, self._system_folder))
            self._valkey.start()
            self.redis_url = self._valkey.url
        if not self.database_url:
            programs = postgres_programs(home.owner, self._system_folder)
            self._postgres = Postgres(home, programs, is_durable=not self._is_temporary)
            self._postgres.start()
            self.database_url = self._postgres.url

    def _stop(self) -> None:
        if self._valkey:
            self._valkey.stop()
        if self._postgres:
            self._postgres.stop()
        if self._is_temporary and self._home:
            self._home.remove()

    def __enter__(self) -> Self:
        return self.enter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.enter)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.leave)


def is_there(settings: Settings, *, system_folder: Path = SYSTEM_FOLDER) -> bool:
    """Whether there is a database: a given one, or an embedded one that was started before. Makes nothing."""
    return settings.database_url is not None or home_folder(settings.state_dir, system_folder).is_dir()


def remove_engines(settings: Settings, *, system_folder: Path = SYSTEM_FOLDER) -> list[Path]:
    """Stop the embedded engines, remove their data and the state folder; refuses while a process uses them."""
    state_dir = settings.state_dir.absolute()
    if not state_dir.is_dir():
        return []
    home = find_home(state_dir, system_folder)

    def stop_and_remove() -> None:
        if home.folder.is_dir():
            Valkey(home, Path()).stop()
            Postgres(home, postgres_programs(home.owner, system_folder)).stop()
            home.remove()
        shutil.rmtree(state_dir, ignore_errors=True)

    if not Turnstile(state_dir).alone(stop_and_remove):
        raise Conflict(
            f"A running process uses the engines of {state_dir}.",
            hint="Stop it first.",
            reason="engines_in_use",
        )
    return [state_dir, home.folder]


def make_state_dir(state_dir: Path) -> None:
    """Private from the start: it will hold the pepper and the signing key."""
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def _reveal(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
