"""What `make run` promises, on the real data: the lines it prints, both examples, the README's blocks, Ctrl-C."""

import json
import re
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION
from publicgsb_sdk import Client, Result
from tests.browser import explore, too_wide_on_a_phone
from tests.journeys.demo import Demo, demo
from tests.journeys.quality_recount import filled_cells

pytestmark = pytest.mark.prove

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(demo_folder: Path) -> Path:
    return demo_folder


@pytest.fixture(scope="module")
def running(running_demo: Demo) -> Demo:
    return running_demo


def run(running: Demo, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=running.environment, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shell(running: Demo, line: str) -> str:
    return subprocess.run(
        ["sh", "-c", line], env=running.environment, capture_output=True, text=True, timeout=180, check=True
    ).stdout


def ask(running: Demo, query: str, variables: dict[str, Any] | None = None, key: str = "") -> Result:
    """A whole answer; where the plan's windows are full, it waits as it is told to."""
    with Client(key or running.key, running.url, max_retries=8) as gsb:
        return gsb.graphql(query, variables).complete()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_demo_json_is_private_and_holds_what_a_program_needs(running: Demo) -> None:
    file = running.state_dir / "demo.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {"url", "graphql", "key", "agency_key"} <= set(json.loads(file.read_text()))


def test_five_agencies_ten_datasets_and_half_a_million_records_are_there(running: Demo) -> None:
    catalogue = httpx2.get(f"{running.url}/catalog.json", timeout=60).json()
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


@pytest.mark.parametrize(("kind", "told"), [("aggregate", "US"), ("near", "distanceKm"), ("changes", "removed")])
def test_the_explorer_shows_what_else_a_dataset_can_do(running: Demo, kind: str, told: str) -> None:
    """None can be chosen before there are editors that show it."""
    seen = explore(running.url, running.key, "aviation/airports", kind, hasty=kind == "near")
    assert seen["problems"] == []
    assert not seen.get("couldChoose", False)
    requested = seen["answer"]["extensions"]["cost"]["requested"]
    assert requested - seen["price"] in (0, POINTS_PER_NEW_OPERATION)
    assert told in seen["shown"]


def test_no_page_is_wider_than_a_phone(running: Demo) -> None:
    pages = ["", "requests", "pricing", "changelog", "datasets/transport/flights", "datasets/interior/villages"]
    assert too_wide_on_a_phone(running.url, pages) == []


def test_every_example_of_the_explorer_is_answered(running: Demo) -> None:
    """As it stands, of every dataset; what changed is offered where there is an earlier release."""
    address, kinds = f"{running.url}/explore/examples.json", {}
    startup = {"name": "Another", "email": "a@example.org", "purpose": "To try every example"}
    key = httpx2.post(f"{running.url}/api/v1/register", json=startup, timeout=60).json()["key"]["secret"]
    for dataset in httpx2.get(address, timeout=60).json()["datasets"]:
        examples = httpx2.get(address, params={"dataset": dataset["id"]}, timeout=60).json()
        kinds[dataset["id"]] = set(examples)
        for example in examples.values():
            assert ask(running, example["query"], example.get("variables"), key).data
    assert [name for name, found in kinds.items() if "changes" in found] == ["aviation/airports"]
    assert [name for name, found in kinds.items() if "near" in found] == ["aviation/airports", "mapping/cities"]
    assert "aggregate" in kinds["transport/flights"]


def test_the_printed_lines_work_when_pasted(running: Demo) -> None:
    lines = [line.strip() for line in running.output.splitlines()]
    curl = next(line for line in lines if line.startswith("curl "))
    python = next(line for line in lines if line.startswith(".venv/bin/python -c")).replace(
        ".venv/bin/python", sys.executable
    )
    assert json.loads(shell(running, curl))["data"]["aviation"]["airport"]["city"] == "Tehran"
    assert "'country_code': 'IR'" in shell(running, python)
    assert '"level": "info"' not in running.output  # no request's line pushes them away


def test_where_can_i_fly_answers_in_persian(running: Demo) -> None:
    assert "AZD" in run(running, "examples/where_can_i_fly.py", "یزد")


def test_will_my_flight_be_late_counts_every_flight_of_the_route(running: Demo) -> None:
    assert "4344 flights" in run(running, "examples/will_my_flight_be_late.py", "UA", "EWR", "SFO")


def test_what_is_near_me_names_the_towns_and_the_airport_in_persian(running: Demo) -> None:
    """The name is typed on an Arabic keyboard."""
    told = run(running, "examples/what_is_near_me.py", "يزد", "20")
    assert "  ۱۶ کیلومتر: زارچ، یزد، ایران" in told or "  ۱۷ کیلومتر: زارچ، یزد، ایران" in told
    assert "(OIYY)" in told


def test_the_readme_s_query_and_program_run(running: Demo) -> None:
    (query,), (program,) = blocks("graphql"), blocks("python")
    answer = ask(running, query)
    assert len(answer.data["transport"]["flights"]["nodes"]) == 3
    agencies = {row.agency for row in answer.receipt}
    assert {"transport", "aviation", "standards", "meteorology"} <= agencies
    assert run(running, "-c", program).count("icao") == 5


def test_the_three_questions_are_answered_as_the_page_shows(running: Demo) -> None:
    """To the last digit, for the points that are named, each by at least the agencies that are named."""
    page = (ROOT / "docs/queries.md").read_text()
    shown = re.findall(r"for (\d+) points.*?```graphql\n(.*?)```\n\n```json\n(.*?)```", page, re.DOTALL)
    agencies = []
    for points, query, expected in shown:
        first, again = ask(running, query), ask(running, query)
        assert first.data == again.data == json.loads(expected)
        assert again.cost is not None and again.cost.actual == int(points)
        agencies.append({row.agency for row in again.receipt})
    assert agencies == [
        {"transport", "meteorology", "aviation", "standards"},
        {"aviation", "standards"},
        {"mapping", "standards", "interior", "aviation"},
    ]


def test_the_readme_s_lines_for_a_shell_run(running: Demo) -> None:
    """One registers; one asks by GET, and its tag is known when it is asked again."""
    register, ask = [block for block in blocks("sh") if block.startswith("curl")]
    here = register.replace("http://127.0.0.1:8000", running.url)
    assert json.loads(shell(running, here))["key"]["secret"].startswith("gsbl_")
    answer = shell(running, ask)
    assert "علی آباد" in answer
    (tag,) = re.findall(r"(?im)^etag: (\S+)", answer)
    again = shell(running, ask.replace("curl", f"curl -H 'If-None-Match: {tag}'"))
    assert again.startswith("HTTP/1.1 304")


def test_the_page_of_queries_runs(running: Demo) -> None:
    answers = {}
    for query in re.findall(r"```graphql\n(.*?)```", (ROOT / "docs/queries.md").read_text(), re.DOTALL):
        answers[query] = ask(running, query).data
    (near,) = [answer for query, answer in answers.items() if "lat: 35.7" in query]
    nearest = {edge["node"]["icao"]: edge["distanceKm"] for edge in near["aviation"]["airports"]["edges"]}
    assert nearest["OIII"] < 10 < nearest["OIIE"] < 50
    assert near["aviation"]["airports"]["edges"][0]["node"]["country"]["name"].startswith("Iran")
    assert near["mapping"]["cities"]["edges"][0]["node"]["name"] == "Tehran"
    (tied,) = [answer for query, answer in answers.items() if "destinations" in query]
    assert [one["name"] for one in tied["aviation"]["airport"]["airlines"]["nodes"]] == [
        "American Airlines Inc.",
        "United Air Lines Inc.",
    ]
    assert tied["transport"]["airline"]["destinations"]["totalCount"] == 1


def test_lost_zeros_are_restored_and_villages_find_their_counties(running: Demo) -> None:
    query = """{ interior { provinces(first: 31) { totalCount nodes { code subdivision { code } } }
                 villages(first: 5) { totalCount nodes { code county { code } } } } }"""
    answer = ask(running, query).data["interior"]
    assert all(row["subdivision"]["code"] == f"IR-{row['code']}" for row in answer["provinces"]["nodes"])
    assert answer["villages"]["totalCount"] == 98_100
    assert all(row["county"]["code"] == row["code"][:4] for row in answer["villages"]["nodes"])


def missed_of(quality: dict[str, Any]) -> set[str]:
    return {m["name"] for d in quality["mqa"]["dimensions"] for m in d["metrics"] if m["raisedBy"]}


def qualities(running: Demo) -> dict[str, dict[str, Any]]:
    """Of every dataset, once the jobs process has made all files and asked all addresses."""
    catalogue = httpx2.get(f"{running.url}/catalog.json", timeout=60).json()
    urls = [one["urls"]["quality"] for agency in catalogue["agencies"] for one in agency["datasets"]]
    deadline = time.monotonic() + 300
    while True:
        found = [httpx2.get(url, timeout=60).raise_for_status().json() for url in urls]
        if all(one["mqa"]["askedAt"] and "byteSize" not in missed_of(one) for one in found):
            return {one["dataset"]: one for one in found}
        assert time.monotonic() < deadline
        time.sleep(1)


def test_the_quality_of_real_datasets_is_what_their_files_links_and_addresses_say(running: Demo) -> None:
    """Completeness is recounted from the files, links from the catalogue; every address did answer."""
    told = qualities(running)
    catalogue = httpx2.get(f"{running.url}/catalog.json", timeout=60).json()
    datasets = {one["id"]: one for agency in catalogue["agencies"] for one in agency["datasets"]}
    for name, one in told.items():
        parts = {part["name"]: part for part in one["data"]["parts"]}
        filled, cells = filled_cells(datasets[name]["urls"]["csv"])
        assert parts["completeness"]["share"] == round(filled / cells, 6), name
        assert round(sum(part["points"] for part in parts.values()), 1) == one["data"]["score"]
        rates = [link["matched"] / link["rows"] for link in datasets[name]["links"] if link["rows"]]
        if rates:
            assert parts["linkMatch"]["share"] == pytest.approx(sum(rates) / len(rates), abs=1e-6)
        assert datasets[name]["quality"]["score"] == one["data"]["score"]
        assert missed_of(one) <= {"spatial", "temporal", "licenceFromVocabulary"}, name
        assert one["mqa"]["points"] >= 355 and one["mqa"]["rating"] == "excellent"
    assert told["transport/flights"]["data"]["parts"][0]["share"] < 1
    (villages,) = [part for part in told["interior/villages"]["data"]["parts"] if part["name"] == "validity"]
    assert villages["share"] < 1, "the lost zeros of their codes were put right"


def test_a_second_start_loads_nothing_and_keeps_the_key(folder: Path, running: Demo) -> None:
    written = (folder / "demo.json").read_text()
    before = json.loads(written)["key"]
    with demo(folder) as again:
        assert again.key == before
        assert "Fetching" not in again.output
        assert "records" not in again.output
        assert "AZD" in run(again, "examples/where_can_i_fly.py", "یزد")
    (folder / "demo.json").write_text(written)  # the first one goes on, for those who look for it there
