"""Where the engines live and as whom they run: in the state folder as ourselves, elsewhere when we are root."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.engines.processes import Owner

SYSTEM_FOLDER = Path("/var/lib/publicgsb")
SYSTEM_USER = "gsb"
_SOCKET_BYTES_MAX = 107  # sockaddr_un.sun_path, Linux; the longest name is .s.PGSQL.5432.lock beside the socket


@dataclass(frozen=True, slots=True)
class Home:
    """`owner` is None when the engines run as ourselves."""

    folder: Path
    sockets: Path
    owner: Owner | None

    def make(self) -> None:
        """Create the folders, private to the owner; nothing outside them is ever changed."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._remove_rest()
        for folder in (self.folder, self.sockets, self.folder / "log"):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._check_is_ours(folder)

    def give(self, path: Path) -> None:
        """Make the engine's user the owner of a file that we wrote for it."""
        if self.owner:
            os.chown(path, self.owner.uid, self.owner.gid)

    def remove(self) -> None:
        """Renamed before it is emptied, so that what an interruption leaves is never taken for data."""
        shutil.rmtree(self.sockets, ignore_errors=True)
        self._remove_rest()
        with suppress(OSError):  # a mount point cannot be renamed
            self.folder.rename(self._rest)
        self._remove_rest()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _rest(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.removed")

    def _remove_rest(self) -> None:
        shutil.rmtree(self._rest, ignore_errors=True)

    def _check_is_ours(self, folder: Path) -> None:
        """A folder that somebody else made first, perhaps in /tmp, would hand him our socket."""
        found = folder.lstat()
        uid = self.owner.uid if self.owner else os.geteuid()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
            raise Unavailable(f"{folder} belongs to somebody else.", reason="engines")
        folder.chmod(0o700)
        self.give(folder)


def find_home(state_dir: Path, system_folder: Path = SYSTEM_FOLDER) -> Home:
    """The home that belongs to a state folder: always the same one for the same absolute path and user."""
    owner = _system_user() if os.geteuid() == 0 else None
    folder = home_folder(state_dir, system_folder)
    sockets = folder / "run"
    if len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) > _SOCKET_BYTES_MAX:
        sockets = Path(tempfile.gettempdir()) / f"gsb-{os.geteuid()}-{_digest(state_dir)}"
    return Home(folder, sockets, owner)


def home_folder(state_dir: Path, system_folder: Path = SYSTEM_FOLDER) -> Path:
    """Where that home is, or would be."""
    if os.geteuid() != 0:
        return state_dir.absolute() / "engines"
    return system_folder / f"{state_dir.absolute().name.strip('.') or 'state'}-{_digest(state_dir)}"


def _digest(state_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(state_dir.absolute())).hexdigest()[:12]


def _system_user() -> Owner:
    """PostgreSQL refuses to run as root, so root lends it a user without a password, a shell or a home."""
    try:
        found = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_system_user()
        try:
            found = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            raise _no_system_user("the user is still missing afterwards") from None
    if found.pw_uid == 0:
        raise _no_system_user("a user of that name exists and is root")
    return Owner(found.pw_name, found.pw_uid, found.pw_gid)


def _add_system_user() -> None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise _no_system_user("there is no useradd here")
    done = subprocess.run(  # noqa: S603 - a fixed program with fixed arguments
        [
            program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
            "--shell", "/usr/sbin/nologin", SYSTEM_USER,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode not in (0, 9):  # 9: somebody else has just added it
        raise _no_system_user(done.stderr.strip() or f"useradd ended with {done.returncode}")


def _no_system_user(why: str) -> Unavailable:
    return Unavailable(
        f"PostgreSQL cannot run as root, and the system user {SYSTEM_USER!r} for it cannot be made: {why}.",
        hint=f"Add a system user named {SYSTEM_USER}, run as an ordinary user, or set GSB_DATABASE_URL and "
        "GSB_REDIS_URL.",
        reason="engines",
    )
