"""What `make run` promises, on the real data: the lines it prints, both examples, the README's blocks, Ctrl-C."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION
from tests.browser import explore

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("demo")]

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Demo:
    url: str
    key: str
    output: str
    environment: dict[str, str]
    state_dir: Path


@contextmanager
def demo(state_dir: Path) -> Iterator[Demo]:
    """`gsb demo` until the end of the block, then Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = state_dir.parent / f"{port}.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GSB_", "PGSB_"))}
    environment |= {"GSB_STATE_DIR": str(state_dir), "GSB_PORT": str(port)}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "publicgsb.platform.server", "demo"], env=environment, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while "Ctrl-C stops everything" not in (output := log.read_text()):
            assert process.poll() is None, output[-3000:]
            assert time.monotonic() < deadline, output[-3000:]
            time.sleep(0.2)
        written = json.loads((state_dir / "demo.json").read_text())
        clean = {"PGSB_URL": written["url"], "PGSB_API_KEY": written["key"], "PATH": os.environ["PATH"]}
        yield Demo(written["url"], written["key"], output, clean, state_dir)
    finally:
        process.send_signal(signal.SIGINT)
        ended = process.wait(60)
    assert ended == 0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        yield Path(folder) / "state"
        subprocess.run(
            [sys.executable, "-m", "publicgsb.platform.server", "reset", "--yes"],
            env={**os.environ, "GSB_STATE_DIR": f"{folder}/state"},
            check=True,
            capture_output=True,
        )


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Demo]:
    with demo(folder) as started:
        yield started


def run(running: Demo, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=running.environment, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_demo_json_is_private_and_holds_what_a_program_needs(running: Demo) -> None:
    file = running.state_dir / "demo.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {"url", "graphql", "key", "agency_key"} <= set(json.loads(file.read_text()))


def test_five_agencies_ten_datasets_and_half_a_million_records_are_there(running: Demo) -> None:
    catalogue = httpx2.get(f"{running.url}/catalog.json").json()
    datasets = [dataset for agency in catalogue["agencies"] for dataset in agency["datasets"]]
    assert len(catalogue["agencies"]) >= 5
    assert len(datasets) >= 10
    assert sum(dataset["rows"] for dataset in datasets) >= 500_000
    assert all("ample" in agency["name"]["en"] and "نمونه" in agency["name"]["fa"] for agency in catalogue["agencies"])


@pytest.mark.parametrize(("kind", "dark"), [("list", False), ("lookUp", True), ("page", False)])
def test_the_explorer_prices_and_answers_an_example_in_a_browser(running: Demo, kind: str, dark: bool) -> None:
    """The key is typed, an example chosen, its price read, the query run and the answer shown; nobody else is asked."""
    seen = explore(running.url, running.key, "aviation/airports", kind, dark=dark, next=kind == "page")
    assert seen["problems"] == []
    requested = seen["answer"]["extensions"]["cost"]["requested"]
    assert requested - seen["price"] in (0, POINTS_PER_NEW_OPERATION)
    found = next(iter(seen["answer"]["data"]["aviation"].values()))
    assert found is not None
    last = seen.get("next", seen["answer"])["data"]["aviation"]
    record = last["airport"] if kind == "lookUp" else last["airports"]["nodes"][0]
    assert record["icao"] in seen["shown"]
    if kind == "page":
        following = seen["next"]["data"]["aviation"]["airports"]["nodes"]
        assert len(following) == len(found["nodes"]) == 5
        assert not [node for node in following if node in found["nodes"]]
    assert {httpx2.URL(one).host for one in seen["requests"] if not one.startswith("data:")} == {"127.0.0.1"}
    assert running.key not in seen["address"] + "".join(seen["requests"])
    assert running.key not in str(seen["stored"])
    assert seen["keyInOtherTab"] == ""


def test_the_printed_lines_work_when_pasted(running: Demo) -> None:
    lines = [line.strip() for line in running.output.splitlines()]
    curl = next(line for line in lines if line.startswith("curl "))
    python = next(line for line in lines if line.startswith(".venv/bin/python -c")).replace(
        ".venv/bin/python", sys.executable
    )
    shown = subprocess.run(["sh", "-c", curl], env=running.environment, capture_output=True, text=True, timeout=60)
    assert json.loads(shown.stdout)["data"]["aviation"]["airport"]["city"] == "Tehran"
    shown = subprocess.run(["sh", "-c", python], env=running.environment, capture_output=True, text=True, timeout=60)
    assert "'country_code': 'IR'" in shown.stdout, shown.stderr


def test_where_can_i_fly_answers_in_persian(running: Demo) -> None:
    assert "AZD" in run(running, "examples/where_can_i_fly.py", "یزد")


def test_will_my_flight_be_late_counts_every_flight_of_the_route(running: Demo) -> None:
    assert "4344 flights" in run(running, "examples/will_my_flight_be_late.py", "UA", "EWR", "SFO")


def test_the_readme_s_query_and_program_run(running: Demo) -> None:
    (query,), (program,) = blocks("graphql"), blocks("python")
    answer = httpx2.post(
        f"{running.url}/graphql", json={"query": query}, headers={"authorization": f"Bearer {running.key}"}
    ).json()
    assert len(answer["data"]["transport"]["flights"]["nodes"]) == 3
    assert "errors" not in answer
    agencies = {row["agency"] for row in answer["extensions"]["receipt"]}
    assert {"transport", "aviation", "standards", "meteorology"} <= agencies
    assert run(running, "-c", program).count("icao") == 5


def test_the_page_of_queries_runs(running: Demo) -> None:
    answers = []
    for query in re.findall(r"```graphql\n(.*?)```", (ROOT / "docs/queries.md").read_text(), re.DOTALL):
        headers = {"authorization": f"Bearer {running.key}"}
        answers.append(httpx2.post(f"{running.url}/graphql", json={"query": query}, headers=headers).json())
    assert all("errors" not in answer for answer in answers)
    (near,) = [answer["data"] for answer in answers if "mapping" in answer["data"]]
    nearest = {edge["node"]["icao"]: edge["distanceKm"] for edge in near["aviation"]["airports"]["edges"]}
    assert nearest["OIII"] < 10 < nearest["OIIE"] < 50
    assert near["aviation"]["airports"]["edges"][0]["node"]["country"]["name"].startswith("Iran")
    assert near["mapping"]["cities"]["edges"][0]["node"]["name"] == "Tehran"


def test_lost_zeros_are_restored_and_villages_find_their_counties(running: Demo) -> None:
    query = """{ interior { provinces(first: 31) { totalCount nodes { code subdivision { code } } }
                 villages(first: 5) { totalCount nodes { code county { code } } } } }"""
    answer = httpx2.post(
        f"{running.url}/graphql", json={"query": query}, headers={"authorization": f"Bearer {running.key}"}
    ).json()["data"]["interior"]
    assert all(row["subdivision"]["code"] == f"IR-{row['code']}" for row in answer["provinces"]["nodes"])
    assert answer["villages"]["totalCount"] == 98_100
    assert all(row["county"]["code"] == row["code"][:4] for row in answer["villages"]["nodes"])


def test_a_second_start_loads_nothing_and_keeps_the_key(folder: Path, running: Demo) -> None:
    before = json.loads((folder / "demo.json").read_text())["key"]
    with demo(folder) as again:
        assert again.key == before
        assert "Fetching" not in again.output
        assert "records" not in again.output
        assert "AZD" in run(again, "examples/where_can_i_fly.py", "یزد")
