"""A folder of modules: written, checked, tidied, and nobody else's file touched."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.codegen.worlds import ODD, demo_contracts, odd

from publicgsb_sdk.codegen import difference, named_in, package, write
from publicgsb_sdk.contract import Contract
from publicgsb_sdk.errors import InvalidRequest, ServerError
from publicgsb_sdk.published import read_contract

NAMES = ("aviation.airports", "transport.planes")


def of_demo(name: str) -> Contract:
    return demo_contracts()[name.replace(".", "/")]


def test_modules_lie_by_agency_under_names_that_can_be_imported() -> None:
    assert sorted(package(NAMES, of_demo)) == [
        "__init__.py",
        "aviation/__init__.py",
        "aviation/airports.py",
        "transport/__init__.py",
        "transport/planes.py",
    ]
    assert sorted(package(["import.class"], lambda _: odd())) == [
        "__init__.py",
        "import_/__init__.py",
        "import_/class_.py",
    ]


def test_a_module_is_read_when_it_is_first_used(tmp_path: Path) -> None:
    write(package(NAMES, of_demo), tmp_path / "gsb_types")
    code = (
        "import sys, gsb_types; before = set(sys.modules);"
        "print('gsb_types.aviation' in before, gsb_types.aviation.airports.ID, 'gsb_types.transport' in sys.modules,"
        "'publicgsb_sdk' in sys.modules, dir(gsb_types)[-2:])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False aviation.airports False False ['aviation', 'transport']"


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    assert write(package(NAMES, of_demo), tmp_path)
    assert write(package(NAMES, of_demo), tmp_path) == []
    assert difference(package(NAMES, of_demo), tmp_path) == ""
    assert named_in(tmp_path) == list(NAMES)


def test_what_is_not_asked_for_any_more_is_removed_and_other_files_stay(tmp_path: Path) -> None:
    write(package(NAMES, of_demo), tmp_path)
    own = tmp_path / "aviation" / "own.py"
    own.write_text("# mine\n")
    write(package(["transport.planes"], of_demo), tmp_path)
    assert named_in(tmp_path) == ["transport.planes"]
    assert own.exists() and not (tmp_path / "aviation" / "airports.py").exists()


def test_a_file_that_is_not_generated_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("# mine\n")
    with pytest.raises(InvalidRequest, match="stays"):
        write(package(NAMES, of_demo), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["__init__.py"]


def test_a_moved_contract_is_shown_as_a_diff_and_a_new_release_is_not(tmp_path: Path) -> None:
    write(package(["import.class"], lambda _: odd()), tmp_path)
    released = ODD | {"release": ODD["release"] | {"seq": 4}}
    assert difference(package(["import.class"], lambda _: _read(released)), tmp_path) == ""
    fields = [field for field in ODD["contract"]["fields"] if field["name"] != "fee"]
    found = difference(package(["import.class"], lambda _: odd(sha256="0ff", fields=fields, orderings=[])), tmp_path)
    assert "-# contract 2.0.0 sha256 c0ffee\n+# contract 2.0.0 sha256 0ff\n" in found
    assert '-    "fee": "decimal",\n' in found and "import_/class_.py as it is" in found


def test_a_service_that_tells_of_another_dataset_is_not_believed() -> None:
    with pytest.raises(ServerError, match=r"aviation\.airports"):
        package(["aviation.airports"], lambda _: odd())


def test_two_datasets_never_share_a_file() -> None:
    def told(name: str) -> Contract:
        agency, dataset = name.split(".")
        return _read(ODD | {"agency": agency, "dataset": dataset, "contract": ODD["contract"] | {"links": []}})

    with pytest.raises(InvalidRequest, match="another dataset"):
        package(["import.class", "import_.class"], told)


def _read(document: dict[str, object]) -> Contract:
    return read_contract(document)
