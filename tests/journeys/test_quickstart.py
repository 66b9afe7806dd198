"""docs/quickstart.md and examples/quickstart.sh are the same commands, and do what the page shows."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.journeys.demo import Demo

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/quickstart.md").read_text("utf-8")
SCRIPT = ROOT / "examples/quickstart.sh"
PNG = b"\x89PNG\r\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_script_runs_the_commands_of_the_page_in_their_order() -> None:
    script, at = SCRIPT.read_text("utf-8"), 0
    for block in blocks("sh")[1:]:  # the first says where things are, which the script finds by itself
        at = script.index(block, at) + len(block)


def test_the_page_shows_the_program_that_the_script_runs() -> None:
    (program,) = blocks("python")
    assert (ROOT / "examples/quickstart.py").read_text("utf-8").endswith(f'"""\n\n{program}')


def test_without_a_service_it_says_how_to_start_one(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PGSB_URL": "http://127.0.0.1:9"}
    done = subprocess.run([str(SCRIPT), "q"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=99)
    assert done.returncode == 1 and "make run" in done.stderr and not (tmp_path / "q").exists()


@pytest.mark.prove
def test_a_newcomer_comes_from_nothing_to_a_plot(running_demo: Demo, tmp_path: Path) -> None:
    """With pip and all; only the time that it takes differs."""
    environment = {"PATH": running_demo.environment["PATH"], "PGSB_URL": running_demo.url, "HOME": str(tmp_path)}
    done = subprocess.run([str(SCRIPT)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.sub(" in [27] points", " in 7 points", done.stdout)  # 5 of them once, while the question is new
    assert all(shown in told for shown in (*blocks("json"), *blocks("text"))), done.stdout
    made = tmp_path / "quickstart"
    assert (made / "airports.png").read_bytes().startswith(PNG) and (made / "airports.png").stat().st_size > 20_000
    assert (made / "registration.json").stat().st_mode & 0o077 == 0, "it holds secrets"
    assert re.search(r"^Done in \d+ seconds; all of it is in ", done.stdout, re.MULTILINE)
