"""Engines are shared, stopped by the last to leave, and unimpressed by kill -9."""

import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import redis
from tests.platform.engines.users import processes_of, query, urls

from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.engines.home import find_home
from publicgsb.platform.server.settings import Settings


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
