"""The command: generate modules, or check that those which are there are still what the contracts say."""

import argparse
import sys
from collections.abc import Callable, Sequence
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


def say(text: str) -> None:
    """On stderr, as it is."""
    sys.stderr.write(f"{text}\n")


def generate(
    client: Client, datasets: Sequence[str], out: Path, *, is_check: bool, say: Callable[[str], None] = say
) -> int:
    """The same codes; GsbError and OSError where it could not be done."""
    names = [name.replace("/", ".") for name in datasets] or named_in(out)
    if not names:
        say(f"Name a dataset, as in aviation.airports: {out} has no generated module yet.")
        return WRONG_USE
    files = package(names, lambda name: client.dataset(name).contract)
    return _check(files, out, say) if is_check else _write(files, out, say)


def _write(files: dict[str, str], folder: Path, say: Callable[[str], None]) -> int:
    changed = write(files, folder)
    for path in changed:
        say(f"wrote {path}" if path.exists() else f"removed {path}")
    if not changed:
        say("Everything is as it was.")
    return DONE


def _check(files: dict[str, str], folder: Path, say: Callable[[str], None]) -> int:
    found = difference(files, folder)
    if not found:
        say("The modules are what the contracts say.")
        return DONE
    sys.stdout.write(found)
    say("The contracts have moved. Run the same without --check, and your type checker after it.")
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
