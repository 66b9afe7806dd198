"""The whole show of releasing against the running demo: what docs/releasing-shown.md prints is so."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.journeys.demo import Demo

pytestmark = pytest.mark.prove

ROOT = Path(__file__).resolve().parents[2]
SHOW_SECONDS = 1800

Facts = Mapping[str, Any]


def datasets(running: Demo) -> dict[str, tuple[str, Any]]:
    """State and current release of each dataset of the catalogue."""
    agencies = httpx2.get(f"{running.url}/catalog.json", timeout=60).json()["agencies"]
    return {
        f"{agency['slug']}/{one['slug']}": (one["state"], one["release"])
        for agency in agencies
        for one in agency["datasets"]
    }


@pytest.fixture(scope="module")
def before(running_demo: Demo) -> dict[str, tuple[str, Any]]:
    return datasets(running_demo)


@pytest.fixture(scope="module")
def shown(running_demo: Demo, before: Mapping[str, tuple[str, Any]]) -> Facts:
    """The facts of all scenes, once; `before` is looked at first."""
    assert before
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GSB_", "PGSB_"))}
    done = subprocess.run(
        [sys.executable, "-m", "examples.releasing", "--json"],
        env={**environment, "GSB_STATE_DIR": str(running_demo.state_dir)},
        cwd=ROOT, capture_output=True, text=True, timeout=SHOW_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    facts: Facts = json.loads(done.stdout)
    return facts


def test_each_table_of_the_demo_is_published_by_a_second_person_with_a_certificate(shown: Facts) -> None:
    scene = shown["reviewed"]
    rows = {one["dataset"].partition("/")[2]: one["rows"] for one in scene["published"]}
    assert rows == {
        "interior_provinces": 31, "interior_counties": 448, "interior_districts": 1_099,
        "transport_airlines": 16, "transport_planes": 3_322, "aviation_airports": 28_426,
    }  # fmt: skip
    assert {(one["submittedBy"], one["reviewer"]) for one in scene["published"]} == {("Parisa", "Reza")}
    assert all(one["signatureHolds"] and set(one["verdicts"]) <= {"publish", "transform"} for one in scene["published"])
    assert scene["ownSubmissionRefused"] == "own_submission"


def test_the_draft_proposes_to_restore_the_zeros_of_the_provinces(shown: Facts) -> None:
    (link,) = shown["reviewed"]["drafted"]["links"]
    assert (link["matchedWithoutPad"], link["matched"], link["zeroPad"], link["isProposed"]) == (21, 31, 2, True)


def test_planted_personal_data_are_blocked_with_the_articles_of_law(shown: Facts) -> None:
    scene = shown["planted"]
    assert scene["state"] == "failed" and scene["valuesInReport"] == 0
    assert {field: (one["decision"], one["articles"]) for field, one in scene["blocked"].items()} == {
        "mayor_id": ("drop", ["IR-PD-4.3"]),
        "mobile": ("transform", ["IR-PD-H.2"]),
        "account": ("transform", ["IR-FOI-14"]),
        "card": ("transform", ["IR-FOI-14"]),
        "mailbox": ("drop", ["IR-PD-H.2"]),
        "born": ("transform", ["IR-PD-4.2"]),
        "remark": ("drop", ["IR-FOI-14"]),
    }


def test_after_the_proposed_transformation_none_of_the_planted_values_is_released(shown: Facts) -> None:
    scene = shown["planted"]
    assert scene["plantedValues"] > 5 * scene["rows"] and scene["plantedValuesServed"] == 0
    row = scene["servedRow"]
    assert (len(row["mobile"]), len(row["account"]), len(row["card"]), len(row["born_year"])) == (4, 7, 6, 4)
    assert not {"mayor_id", "mailbox", "born", "remark"} & set(scene["servedColumns"])


def test_codes_without_their_zeros_are_refused_or_seen_and_all_match_once_padded(shown: Facts) -> None:
    scene = shown["zeros"]
    assert (scene["villages"], scene["lostZeros"]) == (98_100, 51_892)
    office = scene["office"]
    assert (office["matched"], office["rows"], office["state"], office["code"]) == (0, 11_762, "failed", "foreign-key")
    assert (scene["naive"]["matched"], scene["naive"]["wrong"], scene["naive"]["state"]) == (54_244, 8_036, "sent_back")
    padded = scene["padded"]
    assert (padded["matched"], padded["rows"], padded["restored"]) == (98_100, 98_100, 51_892)


def test_a_break_is_held_back_by_who_uses_it_and_served_beside_the_old_one_once_announced(shown: Facts) -> None:
    scene = shown["breaking"]
    assert (scene["class"], scene["breaks"]) == ("major", ["the field speed is gone"])
    assert scene["wouldHurt"] == [{"organisation": "Demo startup", "fields": ["speed"]}]
    assert (scene["refused"], scene["told"]) == ("breaking_not_announced", ["Demo startup"])
    assert scene["ownAnnouncementRefused"] == "own_contract"
    assert scene["oldStillAnswers"] and scene["sunsetHeader"] and scene["successorRows"] == 3_322
    assert scene["successor"] == f"{scene['dataset']}_v2"


def test_nothing_of_a_recalled_release_is_served_after_the_call_returned(shown: Facts) -> None:
    scene = shown["recalled"]
    assert scene["servedBefore"] > 0 and scene["effective"] == "everywhere" and scene["current"] == 1
    assert scene["askedAfter"] > 0 and scene["servedAfter"] == 0
    assert {"RELEASE_RECALLED", "release 1", "its file: 410"} == set(scene["answersAfter"])
    assert scene["cannotBeRecalled"]["organisations"] == 1


def test_duckdb_pandas_and_polars_read_every_row_by_signed_addresses(shown: Facts) -> None:
    scene = shown["files"]
    assert scene["isSigned"]
    assert {scene[tool] for tool in ("rows", "duckdb", "pandasParquet", "pandasCsv", "polars")} == {98_100}
    assert scene["codesWithZero"] == {"duckdb": 51_892, "pandas": 51_892}


def test_the_show_leaves_the_demo_as_it_was(
    shown: Facts, before: Mapping[str, tuple[str, Any]], running_demo: Demo
) -> None:
    after = datasets(running_demo)
    assert {name: after[name] for name in before} == before
    assert {state for name, (state, _) in after.items() if name not in before} == {"withdrawn"}
    assert all(name.startswith(f"{shown['agency']}/") for name in after.keys() - before.keys())
