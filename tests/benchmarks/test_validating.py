import json
import subprocess
import sys
from pathlib import Path

from benchmarks import checking, validating
from benchmarks.peers import frictionless

from publicgsb.datasets.contracts.parse import load
from publicgsb.platform.server import demo

CONTRACTS = Path(demo.__file__).parent / "contracts"


def test_both_validators_are_told_the_same_columns() -> None:
    contract = load(CONTRACTS / "transport__flights.yaml")
    described = validating.schema(contract)
    names = [field["name"] for field in described["fields"]]
    assert len(names) == 19
    assert all(isinstance(value, str) for field in described["fields"] for value in field.get("missingValues", []))


ROW = "2013,12,31,0517,0515,2,0830,0819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z"
WRONG = {  # for the column at each place: no value of its type, or none that its constraints allow
    0: ("NA", "13x"), 1: ("0", "13", "x", ""), 2: ("0", "32", "NA"), 3: ("2460", "517"), 4: ("2400", "", "0060"),
    5: ("1.5", "x"), 6: ("9999", "830"), 7: ("NA", "819"), 8: ("y",), 9: ("ua", "UAX", ""), 10: ("15450", "a1", "NA"),
    12: ("ew", "EWRX", ""), 13: ("1AH", "NA"), 14: ("-1", "z"), 15: ("-1", "NA"), 16: ("24", "-1", "h"),
    17: ("60", "m", ""), 18: ("2013-13-01T10:00:00Z", "soon", "NA"),
}  # fmt: skip


def test_both_validators_find_planted_errors_of_every_column_in_the_same_places(tmp_path: Path) -> None:
    contract = validating.as_it_lies(load(CONTRACTS / "transport__flights.yaml"))
    fields, file = tmp_path / "schema.json", tmp_path / "planted.csv"
    described = validating.schema(contract)
    fields.write_text(json.dumps(described))
    lines = [",".join(field["name"] for field in described["fields"]), ROW]
    for at, texts in WRONG.items():
        lines += [",".join([*ROW.split(",")[:at], text, *ROW.split(",")[at + 1 :]]) for text in texts]
    file.write_text("\n".join([*lines, ROW, ""]))
    ran = subprocess.run(
        frictionless.command(Path(sys.executable), file, fields), capture_output=True, text=True, check=True
    )
    rows, places, *_ = json.loads(ran.stdout)
    ours = checking.check(contract, file)
    assert ours[0] == rows == len(lines)
    assert sorted(ours[1]) == sorted({(row, field) for row, field in places})
    assert len(ours[1]) == sum(map(len, WRONG.values()))


def test_what_functions_make_of_cells_stands_in_the_restored_file(tmp_path: Path) -> None:
    contract = load(CONTRACTS / "transport__flights.yaml")
    whole = tmp_path / "whole.csv"
    whole.write_text("dep_time,origin\n517,EWR\nNA,JFK\n")
    assert validating.restored(contract, whole, tmp_path / "made.csv").read_text() == (
        "dep_time,origin\n0517,EWR\nNA,JFK\n"
    )


def test_a_part_keeps_the_header_and_a_longer_file_repeats_the_rows(tmp_path: Path) -> None:
    whole = tmp_path / "whole.csv"
    whole.write_text("a\n1\n2\n3\n")
    part = validating.part_of(whole, tmp_path / "part.csv", 2)
    assert part.read_text() == "a\n1\n2\n"
    assert validating.longer(part, tmp_path / "longer.csv").read_text() == "a\n" + "1\n2\n" * 4
    assert validating.part_of(whole, tmp_path / "none.csv", 0) == whole
