"""The plugin of pytest costs nothing to those who do not use it, and tells those who do what they forgot."""

import tomllib

import pytest
from tests.sdk.mock.test_page import PLUGIN, ROOT, folder, run

__all__ = ["folder"]

WATCH = """
import sys

def test_nothing_is_loaded():
    assert "publicgsb_pytest" in sys.modules
    assert not {name for name in sys.modules if name.partition(".")[0] in ("publicgsb_sdk", "httpx2", "graphql")}
"""


def test_a_run_that_does_not_use_it_loads_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    where = tmp_path_factory.mktemp("plain")
    (where / "test_plain.py").write_text(WATCH, "utf-8")
    assert "1 passed" in run(where, "-m", "pytest", *PLUGIN)


def test_the_fixture_without_contracts_says_what_to_write(tmp_path_factory: pytest.TempPathFactory) -> None:
    where = tmp_path_factory.mktemp("bare")
    (where / "test_bare.py").write_text("def test_bare(publicgsb):\n    pass\n", "utf-8")
    told = run(where, "-c", "import pytest, sys; print(pytest.main(sys.argv[1:]))", *PLUGIN)
    assert "publicgsb_contracts = contracts" in told
    assert "1 error" in told


def test_what_is_wrong_with_a_contract_is_told_in_a_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    where = tmp_path_factory.mktemp("wrong")
    test = 'import pytest\n\n\n@pytest.mark.publicgsb("none.yaml")\ndef test_wrong(publicgsb):\n    pass\n'
    (where / "test_wrong.py").write_text(test, "utf-8")
    told = run(where, "-c", "import pytest, sys; print(pytest.main(sys.argv[1:]))", *PLUGIN)
    assert "none.yaml cannot be read" in told
    assert "Traceback" not in told


def test_the_distribution_registers_it() -> None:
    """Installed, pytest finds it by this name; so does `-p`, which then loads the same one."""
    project = tomllib.loads((ROOT / "sdk/pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {"publicgsb_pytest": "publicgsb_pytest"}
    assert "publicgsb_pytest.py" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
