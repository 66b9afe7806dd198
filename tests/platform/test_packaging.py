"""The layout that gives publicgsb.* its names: links in src, no __init__.py where one would hide the stdlib."""

import platform
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("platform", "schema", "apikeys", "datasets", "quotas")


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_is_linked_into_the_package(folder: str) -> None:
    """A checkout without symbolic links would build an empty package without an error."""
    link = _ROOT / "src" / "publicgsb" / folder
    assert link.is_symlink()
    assert link.readlink() == Path("..", "..", folder)
    assert link.resolve() == _ROOT / folder


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_linked_folder_is_no_package_by_itself(folder: str) -> None:
    """With platform/__init__.py, `python -m pytest` in the root would import ours for the stdlib's."""
    assert not (_ROOT / folder / "__init__.py").exists()
    assert (_ROOT / folder / "py.typed").exists()


def test_the_namespace_stays_pure() -> None:
    assert not (_ROOT / "src" / "publicgsb" / "__init__.py").exists()
    assert platform.python_version()


def test_every_sub_folder_with_python_in_it_is_a_package() -> None:
    bare = {
        file.parent.relative_to(_ROOT)
        for folder in FOLDERS
        for file in (_ROOT / folder).glob("*/**/*.py")
        if not (file.parent / "__init__.py").exists()
    }
    assert bare == set()


def test_query_texts_are_found_by_import_name() -> None:
    assert (files("publicgsb.platform.kernel") / "pulse_sql" / "announce.sql").is_file()


def test_every_kind_of_data_file_is_shipped() -> None:
    shipped = tomllib.loads((_ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    kinds = {file.suffix for folder in FOLDERS for file in (_ROOT / folder).rglob("*") if file.is_file()}
    assert {f"*{kind}" for kind in kinds - {"", ".py", ".pyc", ".typed", ".md"}} <= set(shipped)


def test_the_lock_pins_exactly_and_names_no_place() -> None:
    for line in (_ROOT / "requirements.lock").read_text().splitlines():
        assert line.startswith("#") or line.count("==") == 1, line
        assert "://" not in line and "@" not in line, line
