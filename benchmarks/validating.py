"""Every row of one file checked: our validator beside frictionless-py, each in a process of its own, in turns.

Ours does more in the same time: it shows every value to the privacy gate and writes what COPY reads.
"""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
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
from publicgsb.platform.server.demo.sources import Say

_TIMES_LONGER = 4
_READ_BY_BOTH = ("name", "type", "format", "constraints", "missingValues", "trueValues", "falseValues")
_OURS = """
import json, resource, sys, time
from pathlib import Path
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.service import ingest
contract, file, target = sys.argv[1:]
contract = parse(json.load(open(contract)))
began = time.perf_counter()
report = ingest(contract, Path(file), Path(target)).report
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([report.rows_read, report.errors_total, took, peak]))
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
    contract = (await place.registry()).dataset(AGENCY, DATASET).contract
    folder = place.settings.state_dir
    whole = place.csv.absolute() / AGENCY / f"{DATASET}.csv"
    file = part_of(whole, folder / "part.csv", effort.of(0, 20_000))
    long_file = longer(file, folder / "longer.csv")
    document, fields = folder / "contract.json", folder / "schema.json"
    document.write_text(json.dumps(render(contract)), encoding="utf-8")
    fields.write_text(json.dumps(schema(contract)), encoding="utf-8")
    python = frictionless.install(place.csv.absolute().parent)
    ours: list[Checked] = []
    theirs: list[Checked] = []
    for _ in range(effort.rounds):
        ours.append(_run([sys.executable, "-c", _OURS, str(document), str(file), str(folder / "rows.copy")]))
        if len(theirs) < effort.of(2, 1):  # minutes each
            theirs.append(_run(frictionless.command(python, file, fields)))
    long_one = _run([sys.executable, "-c", _OURS, str(document), str(long_file), str(folder / "rows.copy")])
    if {one.rows for one in (*ours, *theirs)} != {ours[0].rows} or long_one.rows != _TIMES_LONGER * ours[0].rows:
        raise WrongAnswerError("The two did not read the same rows.")
    values = {
        "validate_rows": statistics.median(one.speed for one in ours),
        "validate_frictionless": statistics.median(o.speed for o in ours) / statistics.median(t.speed for t in theirs),
        "validate_memory": long_one.peak_mb / statistics.median(one.peak_mb for one in ours),
    }
    say(f"{values['validate_rows']:,.0f} rows/s, {values['validate_frictionless']:.1f}× frictionless")
    section = _section(ours, theirs, long_one, len(fields_in_file(contract)))
    return Result(values, section, {"validator": f"frictionless-py {frictionless.VERSION}"})


def _run(command: list[str]) -> Checked:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"a validator failed: {ran.stderr[-500:]}")
    rows, errors, seconds, peak_kib = json.loads(ran.stdout.splitlines()[-1])
    if errors:
        raise WrongAnswerError(f"A file without errors has {errors} of them.")
    return Checked(rows, seconds, peak_kib / 1024)


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
    for field in (described := render(contract)["fields"]):
        if "apply" in field:  # what our functions make of a cell is bound, not the cell
            field.pop("constraints", None)
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


def _section(ours: list[Checked], theirs: list[Checked], long_one: Checked, width: int) -> str:
    return f"""## Validation

The {ours[0].rows:,} flights of 2013 in {width} columns, every row checked by the fields of their contract: `ingest`
(which also shows every value to the privacy gate and writes the file for COPY) beside frictionless-py
{frictionless.VERSION}. One process each; memory is the peak of the process. The last line is the same rows
{_TIMES_LONGER} times over.

| what | rows/s | memory |
|---|---|---|
{_row("ours", ours)}
{_row("frictionless-py", theirs)}
{_row(f"ours, {long_one.rows:,} rows", [long_one])}
"""


def _row(what: str, checked: list[Checked]) -> str:
    speed = statistics.median(one.speed for one in checked)
    return f"| {what} | {speed:,.0f} | {statistics.median(one.peak_mb for one in checked):,.0f} MB |"
