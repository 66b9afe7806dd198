"""Running an engine's own programs, as its own user when we are root."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from publicgsb.platform.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Owner:
    """The user that an engine runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    output: str


def run(
    command: Sequence[str | Path],
    *,
    owner: Owner | None,
    timeout_seconds: float = 120,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run to the end, in a session of its own: Ctrl-C aimed at our process group must not reach an engine.

    The environment is a fixed one: the caller's PGHOST or LD_PRELOAD must not change what an engine does.
    """
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell, arguments are our own
            [str(part) for part in command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_seconds,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **(environment or {})},
            start_new_session=True,
            check=False,
            **({"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}),  # type: ignore[call-overload]
        )
    except subprocess.TimeoutExpired as late:
        raise Unavailable(
            f"{Path(command[0]).name} did not end within {timeout_seconds:.0f} s.", reason="engines"
        ) from late
    except OSError as error:
        raise Unavailable(f"{command[0]} cannot be run: {error.strerror}.", reason="engines") from error
    return Outcome(done.returncode, done.stdout)


def command_line(pid: int) -> str:
    """How process `pid` was started; empty when there is no such process."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return run(["/bin/ps", "-o", "command=", "-p", str(pid)], owner=None).output.strip()


def last_lines(log: Path, count: int = 8) -> str:
    """The end of an engine's log, for the sentence that says why it did not start."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 8192))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return "(no log)"
    return "\n".join(lines[-count:])
