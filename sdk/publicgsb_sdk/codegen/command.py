"""The command: generate modules, or check that those which are there are still what the contracts say."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from publicgsb_sdk.client import Client
from publicgsb_sdk.codegen.package import difference, named_in, package, write
from publicgsb_sdk.errors import GsbError

DONE, FAILED, WRONG_USE, DRIFTED = 0, 1, 2, 9


def main(arguments: Sequence[str] | None = None, client: Client | None = None) -> int:
    """Exit codes: 0 done, or nothing moved; 1 it could not be done; 2 wrong use; 9 with `--check`, contracts moved."""
    asked = _parser().parse_args(arguments)
    try:
        with Client(base_url=asked.url) if client is None else nullcontext(client) as used:
            return generate(used, asked.datasets, asked.out, is_check=asked.check)
    except (GsbError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED


def generate(client: Client, datasets: Sequence[str], out: Path, *, is_check: bool) -> int:
    """The same codes; GsbError and OSError where it could not be done."""
    names = [name.replace("/", ".") for name in datasets] or named_in(out)
    if not names:
        sys.stderr.write(f"Name a dataset, as in aviation.airports: {out} has no generated module yet.\n")
        return WRONG_USE
    files = package(names, lambda name: client.dataset(name).contract)
    return _check(files, out) if is_check else _write(files, out)


def _write(files: dict[str, str], folder: Path) -> int:
    changed = write(files, folder)
    for path in changed:
        sys.stderr.write(f"{'wrote' if path.exists() else 'removed'} {path}\n")
    if not changed:
        sys.stderr.write("Everything is as it was.\n")
    return DONE


def _check(files: dict[str, str], folder: Path) -> int:
    found = difference(files, folder)
    if not found:
        sys.stderr.write("The modules are what the contracts say.\n")
        return DONE
    sys.stdout.write(found)
    sys.stderr.write("The contracts have moved. Run the same without --check, and your type checker after it.\n")
    return DRIFTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("pgsb codegen", description="Typed Python modules from the contracts of datasets.")
    parser.add_argument(
        "datasets", nargs="*", help="agency.dataset, …; without any, those which the folder has modules of"
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("gsb_types"), help="the folder (gsb_types)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 9 where a contract moved")
    parser.add_argument("--url", help="the service; else PGSB_URL. The key is in PGSB_API_KEY")
    return parser
