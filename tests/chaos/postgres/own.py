"""A PostgreSQL of a scenario's own that keeps what it committed, whatever is done to it."""

from pathlib import Path

from publicgsb.platform.server.engines.binaries import postgres_programs
from publicgsb.platform.server.engines.home import SYSTEM_FOLDER, find_home
from publicgsb.platform.server.engines.postgres import Postgres


class OwnPostgres:
    """Use as a context manager; empty at the beginning, gone at the end. fsync is on: a stop at once tests it."""

    def __init__(self, folder: Path) -> None:
        self._home = find_home(folder / "state", SYSTEM_FOLDER)
        self._postgres = Postgres(self._home, postgres_programs(self._home.owner))

    def __enter__(self) -> "OwnPostgres":
        self._home.make()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_at_once()
        self._home.remove()

    @property
    def url(self) -> str:
        return self._postgres.url

    @property
    def folder(self) -> Path:
        """Its own user may go there."""
        return self._home.folder

    @property
    def owner(self) -> tuple[int, int] | None:
        owner = self._home.owner
        return (owner.uid, owner.gid) if owner else None

    def restart(self, *, is_crash: bool) -> None:
        """In order, as an upgrade does it, or by a crash."""
        if is_crash:
            self.stop_at_once()
        else:
            self._postgres._control("stop", "-m", "fast", "-w", "-t", "60")
        self.start()

    def start(self) -> None:
        """Recovered and ready when this returns."""
        self._postgres.start()

    def stop_at_once(self) -> None:
        """As a power cut: no checkpoint, no goodbye to anybody."""
        self._postgres._control("stop", "-m", "immediate", "-w", "-t", "60")
