"""Our validation of a file and nothing beside it: every cell by the type and the constraints of its field.

The same reader and columns as `ingest`, which also shows each value to the privacy gate and writes the file for COPY.
"""

import json
import sys
import time
from pathlib import Path

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.formats import plain_csv as _loaded  # noqa: F401 - frictionless-py is loaded before its clock too
from publicgsb.datasets.formats.opening import open_rows
from publicgsb.datasets.ingest.columns import Column
from publicgsb.datasets.ingest.errors import ErrorLog
from publicgsb.datasets.ingest.header import fields_in_file
from publicgsb.datasets.ingest.model import Limits
from publicgsb.datasets.ingest.reader import RowReader

Places = list[tuple[int | None, str | None]]  # row and field of each error


def check(contract: Contract, source: Path) -> tuple[int, Places]:
    """How many rows were read, and where the errors are."""
    columns = {
        field.name: Column(field, is_key=field.name in contract.primary_key, is_released=False)
        for field in fields_in_file(contract)
    }
    errors, places, rows = ErrorLog(), Places(), 0
    with open_rows(source, Limits(), contract.by_name, source.with_suffix(".scratch")) as opened:
        reader = RowReader(opened, contract, Limits())
        for batch in reader.batches(errors):
            for name, column in columns.items():
                cells = batch.columns[reader.header.positions[name]]
                column.convert(cells)
                places += [(batch.numbers[at], name) for at, _ in column.flaws(cells)]
            rows = batch.rows_read
    return rows, [*((error.row, error.field) for error in errors.details), *places]


def main(contract_file: str, source: str) -> None:
    contract = parse(json.loads(Path(contract_file).read_text(encoding="utf-8")))
    began = time.perf_counter()
    rows, places = check(contract, Path(source))
    print(json.dumps([rows, places, time.perf_counter() - began, peak_kib()]))


def peak_kib() -> int:
    """Of this process alone: ru_maxrss begins with what its parent held when it was started."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
