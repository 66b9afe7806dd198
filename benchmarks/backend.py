"""How long a process of the database worked, which other work on the machine changes little; its clock time doubles."""

from pathlib import Path

from publicgsb.platform.kernel.database import Connection


class Backend:
    """The process behind one connection; on another machine, or where the kernel does not tell, there is none."""

    def __init__(self, schedstat: Path) -> None:
        self._schedstat = schedstat

    @classmethod
    async def of(cls, connection: Connection) -> "Backend":
        pid: int = await connection.fetchval("select pg_backend_pid()")
        backend = cls(Path(f"/proc/{pid}/schedstat"))
        try:
            backend.worked_ms()
        except OSError as error:
            raise SystemExit("Prices are measured where the database runs, on Linux with schedstat.") from error
        return backend

    def worked_ms(self) -> float:
        """CPU since it began; a process that waits for its client has settled its account."""
        return int(self._schedstat.read_text(encoding="ascii").split()[0]) / 1e6
