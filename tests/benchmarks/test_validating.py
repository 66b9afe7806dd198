from pathlib import Path

from benchmarks import validating

from publicgsb.datasets.contracts.parse import load
from publicgsb.platform.server import demo

CONTRACTS = Path(demo.__file__).parent / "contracts"


def test_both_validators_are_told_the_same_columns() -> None:
    contract = load(CONTRACTS / "transport__flights.yaml")
    described = validating.schema(contract)
    names = [field["name"] for field in described["fields"]]
    assert len(names) == 19
    assert all(isinstance(value, str) for field in described["fields"] for value in field.get("missingValues", []))


def test_a_part_keeps_the_header_and_a_longer_file_repeats_the_rows(tmp_path: Path) -> None:
    whole = tmp_path / "whole.csv"
    whole.write_text("a\n1\n2\n3\n")
    part = validating.part_of(whole, tmp_path / "part.csv", 2)
    assert part.read_text() == "a\n1\n2\n"
    assert validating.longer(part, tmp_path / "longer.csv").read_text() == "a\n" + "1\n2\n" * 4
    assert validating.part_of(whole, tmp_path / "none.csv", 0) == whole
