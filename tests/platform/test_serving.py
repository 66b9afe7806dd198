"""`gsb serve` as a process: it finishes what it began, and takes its engines with it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from tests.ports import free_port

# An application whose answers take a moment; the engines are entered as `gsb serve` enters them.
SLOW = """
import asyncio, sys
from pathlib import Path
from publicgsb.platform.server.cli.serving import serve_http, termination_unwinds
from publicgsb.platform.server.settings import load_settings

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    if scope["path"] == "/slow":
        Path(__file__).with_name("begun").touch()
    await asyncio.sleep(0.05 if scope["path"] == "/quick" else 1)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"whole"})

class Full:
    def full(self):
        return "wait"

    def refuse(self, data, reason, more):
        return b"HTTP/1.1 503 Service Unavailable\\r\\ncontent-length: 7\\r\\n\\r\\nrefused"

def create():
    app.endpoint = Full()
    return app

if __name__ == "__main__":
    settings = load_settings(state_dir=Path(sys.argv[1]), port=int(sys.argv[2]), workers=int(sys.argv[3]))
    with termination_unwinds():
        try:
            serve_http(settings, "slow:create")
        finally:
            print("unwound", flush=True)
"""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(state_dir: Path, port: int) -> Iterator[Callable[[int], "subprocess.Popen[str]"]]:
    (state_dir / "slow.py").write_text(SLOW)
    started: list[subprocess.Popen[str]] = []

    def start(workers: int) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, str(state_dir / "slow.py"), str(state_dir), str(port), str(workers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(state_dir), *filter(None, sys.path)])},
        )
        started.append(process)
        wait_for(port, process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    while process.poll() is None:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/quick", timeout=60)
            return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_was_begun_is_answered_before_the_process_ends(
    serve: Callable[[int], "subprocess.Popen[str]"], state_dir: Path, port: int, workers: int, how: signal.Signals
) -> None:
    process = serve(workers)
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(httpx2.get, f"http://127.0.0.1:{port}/slow", timeout=30)
        while not (state_dir / "begun").exists() and not answer.done():
            time.sleep(0.01)
        process.send_signal(how)
        assert answer.result().text == "whole"
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert stdout == "unwound\n"
    assert "Traceback" not in stderr
    assert all(line.startswith("{") for line in stderr.splitlines()), stderr


def test_answers_do_not_name_the_server(serve: Callable[[int], "subprocess.Popen[str]"], port: int) -> None:
    serve(1)
    assert "server" not in httpx2.get(f"http://127.0.0.1:{port}/quick", timeout=60).headers


@pytest.mark.parametrize("workers", [1, 2])
def test_each_worker_asks_the_data_endpoint_before_it_makes_a_request(
    serve: Callable[[int], "subprocess.Popen[str]"], port: int, workers: int
) -> None:
    serve(workers)
    answer = httpx2.post(f"http://127.0.0.1:{port}/graphql", content=b"{}", timeout=60)
    assert (answer.status_code, answer.text) == (503, "refused")


def test_a_busy_port_ends_serve_at_once_with_5(state_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        done = subprocess.run(
            [sys.executable, "-c", "from publicgsb.platform.server.cli import main; main()", "serve"],
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "GSB_PORT": str(busy.getsockname()[1]),
                "GSB_STATE_DIR": str(state_dir),
            },
        )
    assert done.returncode == 5
    assert "GSB_PORT" in done.stderr
    assert list(state_dir.iterdir()) == []  # no engine was started for nothing
