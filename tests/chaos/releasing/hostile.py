"""Files made to break what reads them, each read by a process of its own whose peak memory the kernel tells."""

import gzip
import io
import json
import os
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.datasets.formats.conftest import WORKBOOK, sheet_of, zipped
from tests.schema.worlds import COMMON

REFUSED = 3  # exit code of `gsb`
SECONDS_MAX = 120
PIECE = 64 << 20
TEN_GB = 10 << 30
CONTRACT = (
    COMMON
    + """
agency: air
dataset: rows
recordName: Row
title: { fa: "ردیف‌ها", en: "Rows" }
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" } }
  - { name: n, type: string, label: { fa: "شماره", en: "Number" } }
"""
)
GOOD = b"code,n\n01,1\n"

# Between us and the process: what the kernel says of a child begins with the memory of whoever forked it.
_RUNNER = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
told = {"code": done.returncode, "out": done.stdout[-200_000:], "err": done.stderr[-2_000:]}
print(json.dumps(told | {"kib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
"""


@dataclass(slots=True)
class HostileOutcome:
    """`refused`: codes of the report by file. `mib_above`: the most memory, above what a good file takes."""

    refused: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    mib_above: int = 0
    seconds_max: float = 0.0


async def hostile(folder: Path) -> HostileOutcome:
    outcome = HostileOutcome()
    contract = folder / "contract.yaml"
    contract.write_text(CONTRACT, encoding="utf-8")
    good = folder / "rows"
    good.write_bytes(GOOD)
    code, _, least_kib = _validate(folder, contract, good)
    if code != 0:
        outcome.wrong.append(f"a good file: exit {code}")
    for name, make in _FILES.items():
        path = folder / "rows"
        make(path)
        began = time.monotonic()
        code, codes, kib = _validate(folder, contract, path)
        path.unlink()
        outcome.seconds_max = max(outcome.seconds_max, round(time.monotonic() - began, 1))
        outcome.refused[name] = codes
        outcome.mib_above = max(outcome.mib_above, (kib - least_kib) >> 10)
        if code != REFUSED or not codes:
            outcome.wrong.append(f"{name}: exit {code} {codes}")
    outcome.wrong += _tricked(folder, contract)
    return outcome


def _validate(folder: Path, contract: Path, path: Path) -> tuple[int, str, int]:
    """The exit code, the codes of the report, the peak memory in KiB."""
    command = [sys.executable, "-m", "publicgsb.platform.server", "--json", "dataset", "validate", contract, path]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GSB_")} | {
        "GSB_STATE_DIR": str(folder / "state"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    done = subprocess.run(
        [sys.executable, "-S", "-c", _RUNNER, *map(str, command)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=True,
    )
    told = json.loads(done.stdout)
    try:
        counts: Mapping[str, int] = json.loads(told["out"])["counts"]
    except (ValueError, KeyError):
        return told["code"], "" if told["code"] == REFUSED else str(told["err"])[-200:], told["kib"]
    return told["code"], " ".join(counts), told["kib"]


def _tricked(folder: Path, contract: Path) -> Iterator[str]:
    """A member's name is never used, so that one which leads elsewhere is read like any other, and writes nothing."""
    target = folder / "state" / "escaped.csv"
    for name in (f"../../../../../../../..{target}", str(target), "..\\..\\escaped.csv", "rows.csv\x00.exe"):
        before = _all_below(folder)
        path = folder / "rows"
        path.write_bytes(_zip(name, GOOD))
        code, codes, _ = _validate(folder, contract, path)
        path.unlink()
        if code not in (0, REFUSED) or _all_below(folder) - before:
            yield f"a member called {name!r}: exit {code} {codes}, wrote {_all_below(folder) - before}"


def _all_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.name != "rows"}


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("x" * len(name)), content)
    return out.getvalue().replace(b"x" * len(name), name.encode())


def _gzip_of_ten_gb(path: Path, start: bytes, repeated: bytes) -> None:
    """Members follow one another: what one 64 MiB piece packs to is written 160 times."""
    piece = gzip.compress(repeated * (PIECE // len(repeated)), 9)
    with path.open("wb") as file:
        file.write(gzip.compress(start))
        for _ in range(TEN_GB // PIECE):
            file.write(piece)


def _zip_of_ten_gb(path: Path, name: str = "rows.csv") -> None:
    """A deflated stream whose pieces stand alone, in a zip that says it holds 1,000 bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(b"0" * PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = piece * (TEN_GB // PIECE) + b"\x03\x00"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, stream)
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    for at, size_at in ((8, 22), (directory + 10, directory + 24)):
        content[at : at + 2] = zipfile.ZIP_DEFLATED.to_bytes(2, "little")
        content[size_at : size_at + 4] = (1_000).to_bytes(4, "little")
    path.write_bytes(content)


def _plain_line(path: Path, size: int) -> None:
    """Letters that do not pack well, so that only the length of the line is against it."""
    piece = os.urandom(1 << 19).hex().encode()
    with path.open("wb") as file:
        file.write(b"code,n\n")
        for _ in range(size // len(piece)):
            file.write(piece)


def _sparse(path: Path) -> None:
    path.write_bytes(b"code,n\n")
    os.truncate(path, TEN_GB)


def _formulas() -> bytes:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><f>HYPERLINK("http://a")</f></c></row>' for row in range(2, 200_000))
    head = '<c r="A1" t="inlineStr"><is><t>code</t></is></c><c r="B1" t="inlineStr"><is><t>n</t></is></c>'
    return zipped(sheet_of(f"{head}</row>{rows}<row>"))


def _entities(declared: str) -> bytes:
    return zipped(sheet_of('<c r="A1" t="inlineStr"><is><t>&e;</t></is></c>', f"<!DOCTYPE x [{declared}]>"))


def _laughs() -> str:
    lines = (f'<!ENTITY {name} "{10 * f"&{before};"}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    return '<!ENTITY a "ha">' + "".join(lines) + '<!ENTITY e2 "&i;">'


def _leading_away() -> bytes:
    relations = WORKBOOK["xl/_rels/workbook.xml.rels"].replace("worksheets/sheet1.xml", "../../../../etc/passwd")
    return zipped({**sheet_of(""), "xl/_rels/workbook.xml.rels": relations})


def _bytes(make: Callable[[], bytes]) -> Callable[[Path], None]:
    def made(path: Path) -> None:
        path.write_bytes(make())

    return made


_FILES: Mapping[str, Callable[[Path], None]] = {
    "a zip of 10 GB": _zip_of_ten_gb,
    "a gzip of 10 GB": lambda path: _gzip_of_ten_gb(path, b"code,n\n", b"0,1\n"),
    "a zip in a zip": _bytes(lambda: zipped({"rows.zip": zipped({"rows.csv": GOOD})})),
    "a zip of 200,000 members": _bytes(lambda: zipped({f"{number}.csv": b"" for number in range(200_000)})),
    "a workbook of 10 GB": lambda path: _zip_of_ten_gb(path, "xl/workbook.xml"),
    "a line of 10 GB": _sparse,
    "a line of 10 GB in gzip": lambda path: _gzip_of_ten_gb(path, b"code,n\n", b"x"),
    "a line of 400 MB": lambda path: _plain_line(path, 400_000_000),
    "200,000 formulas": _bytes(_formulas),
    "an external entity": _bytes(lambda: _entities('<!ENTITY e SYSTEM "file:///etc/passwd">')),
    "entities that multiply": _bytes(lambda: _entities(_laughs())),
    "a sheet that lies elsewhere": _bytes(_leading_away),
    "a million columns": _bytes(lambda: b",".join(b"c%d" % number for number in range(1_000_000)) + b"\n"),
    "a million columns in JSON": _bytes(
        lambda: json.dumps([{f"c{number}": number for number in range(1_000_000)}]).encode()
    ),
    "JSON 1,000,000 deep": _bytes(lambda: b"[" * 1_000_000),
}
