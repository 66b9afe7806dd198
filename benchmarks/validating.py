"""Every row of one file checked: our validator beside frictionless-py, each in a process of its own, in turns.

Both are told the same types, missing values and constraints for every column of the same file. Ours is measured alone,
doing what frictionless-py does, and as it is used: showing every value to the privacy gate and writing what COPY reads.
"""

import csv
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.files import AGENCY, DATASET
from benchmarks.peers import frictionless
from benchmarks.place import Place
from benchmarks.results import Result
from benchmarks.rounds import WrongAnswerError
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.ingest.header import fields_in_file
from publicgsb.datasets.ingest.transforms import Step, compile_transform
from publicgsb.platform.server.demo.sources import Say

_ROOT = Path(__file__).resolve().parent.parent
_TIMES_LONGER = 4
_READ_BY_BOTH = ("name", "type", "format", "constraints", "missingValues", "trueValues", "falseValues")
_OURS = """
import json, sys, time
from pathlib import Path
from benchmarks.checking import peak_kib
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.service import ingest
contract, file, target = sys.argv[1:]
contract = parse(json.load(open(contract)))
began = time.perf_counter()
report = ingest(contract, Path(file), Path(target)).report
took = time.perf_counter() - began
print(json.dumps([report.rows_read, [(one.row, one.field) for one in report.errors], took, peak_kib()]))
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """One validation: peak memory of the whole process, interpreter and libraries included."""

    rows: int
    seconds: float
    peak_mb: float

    @property
    def speed(self) -> float:
        return self.rows / self.seconds


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    declared = (await place.registry()).dataset(AGENCY, DATASET).contract
    folder = place.settings.state_dir
    whole = part_of(place.csv.absolute() / AGENCY / f"{DATASET}.csv", folder / "part.csv", effort.of(0, 60_000))
    file = restored(declared, whole, folder / "restored.csv")
    contract = as_it_lies(declared)
    long_file = longer(file, folder / "longer.csv")
    document, fields = folder / "contract.json", folder / "schema.json"
    document.write_text(json.dumps(render(contract)), encoding="utf-8")
    fields.write_text(json.dumps(schema(contract)), encoding="utf-8")
    python = frictionless.install(place.csv.absolute().parent)
    reading = [sys.executable, "-c", _OURS, str(document), str(file), str(folder / "rows.copy")]
    alone, ours, theirs = list[Checked](), list[Checked](), list[Checked]()
    for _ in range(effort.rounds):
        alone.append(_run([sys.executable, "-m", "benchmarks.checking", str(document), str(file)]))
        ours.append(_run(reading))
        if len(theirs) < effort.of(2, 1):  # a quarter of a minute each
            theirs.append(_run(frictionless.command(python, file, fields)))
    long_one = _run([*reading[:-2], str(long_file), str(folder / "rows.copy")])
    if {one.rows for one in (*alone, *ours, *theirs)} != {ours[0].rows} or long_one.rows != _TIMES_LONGER * ours[
        0
    ].rows:
        raise WrongAnswerError("They did not read the same rows.")
    peer = statistics.median(one.speed for one in theirs)
    values = {
        "validate_rows": statistics.median(one.speed for one in ours),
        "validate_frictionless": statistics.median(one.speed for one in alone) / peer,
        "validate_whole": statistics.median(one.speed for one in ours) / peer,
        "validate_memory": long_one.peak_mb / statistics.median(one.peak_mb for one in ours),
    }
    say(
        f"{values['validate_rows']:,.0f} rows/s; alone {values['validate_frictionless']:.1f}× frictionless-py, "
        f"with gate and COPY {values['validate_whole']:.1f}×"
    )
    section = _section(alone, ours, theirs, long_one, len(fields_in_file(contract)))
    return Result(values, section, {"validator": f"frictionless-py {frictionless.VERSION}"})


def _run(command: list[str]) -> Checked:
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_ROOT)
    if ran.returncode != 0:
        raise SystemExit(f"a validator failed: {ran.stderr[-500:]}")
    rows, places, seconds, peak_kib = json.loads(ran.stdout.splitlines()[-1])
    if places:
        raise WrongAnswerError(f"A file without errors has {len(places)} of them.")
    return Checked(rows, seconds, peak_kib / 1024)


def restored(contract: Contract, whole: Path, target: Path) -> Path:
    """The file as it is released: what the contract's functions make of a cell stands in it, so both can judge it."""
    with whole.open(newline="", encoding="utf-8") as source, target.open("w", newline="", encoding="utf-8") as out:
        rows = csv.reader(source)
        labels = next(rows)
        steps = [[compile_transform(one) for one in contract.field(label).transforms] for label in labels]
        missing = [{value.value for value in contract.field(label).missing_values} for label in labels]
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(labels)
        for row in rows:
            writer.writerow(
                cell if cell in absent else _through(cell, functions)
                for cell, functions, absent in zip(row, steps, missing, strict=True)
            )
    return target


def _through(cell: str, steps: Sequence[Step]) -> str:
    for step in steps:
        cell = step(cell) or ""
    return cell


def as_it_lies(contract: Contract) -> Contract:
    """The contract of a file whose cells have been through its functions."""
    return replace(contract, fields=tuple(replace(field, transforms=()) for field in contract.fields))


def part_of(whole: Path, target: Path, rows: int) -> Path:
    """The first `rows` of the file; 0: the file itself."""
    if not rows:
        return whole
    with whole.open("rb") as source, target.open("wb") as out:
        for _ in range(rows + 1):
            out.write(source.readline())
    return target


def longer(file: Path, target: Path) -> Path:
    """The rows several times over: memory that grew with the file would show."""
    with file.open("rb") as source:
        header, body = source.readline(), source.read()
    with target.open("wb") as out:
        out.write(header)
        for _ in range(_TIMES_LONGER):
            out.write(body)
    return target


def schema(contract: Contract) -> dict[str, Any]:
    """What both understand: names, types, missing values, constraints. In the order of the file, by its labels."""
    wanted = {field.name for field in fields_in_file(contract)}
    described = render(contract)["fields"]
    for field in described:
        if field["name"] in contract.primary_key:
            field.setdefault("constraints", {})["required"] = True
    fields = [
        {name: _plain(field[name]) for name in _READ_BY_BOTH if name in field}
        for field in described
        if field["name"] in wanted
    ]
    return {"fields": fields, "fieldsMatch": "equal"}


def _plain(member: Any) -> Any:
    """Missing values with labels are a newer word than frictionless-py reads."""
    if not isinstance(member, list):
        return member
    return [one["value"] if isinstance(one, dict) else one for one in member]


def _section(alone: list[Checked], ours: list[Checked], theirs: list[Checked], long_one: Checked, width: int) -> str:
    return f"""## Validation

The {ours[0].rows:,} flights of 2013 in {width} columns with the zeros of their times restored, every cell checked for
its type and constraints (required, minimum, maximum, pattern) by ours and by frictionless-py {frictionless.VERSION},
which are told the same; a test plants errors in every column, and both find them in the same places. *Alone* does
that and nothing beside it; `ingest` is how it is used: it also shows every value to the privacy gate and writes the
file for COPY. Neither looks for repeated keys here: that is the unique index's work at release. One process each, its
libraries loaded before the clock starts; memory is its peak. The last line is the same rows {_TIMES_LONGER} times over.

| what | rows/s | memory |
|---|---|---|
{_row("ours, alone", alone)}
{_row("ours, `ingest`", ours)}
{_row("frictionless-py", theirs)}
{_row(f"ours, `ingest`, {long_one.rows:,} rows", [long_one])}
"""


def _row(what: str, checked: list[Checked]) -> str:
    speed = statistics.median(one.speed for one in checked)
    return f"| {what} | {speed:,.0f} | {statistics.median(one.peak_mb for one in checked):,.0f} MB |"
