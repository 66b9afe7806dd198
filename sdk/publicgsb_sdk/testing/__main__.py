"""`python -m publicgsb_sdk.testing record aviation.airports --into contracts`: contracts for tests without network."""

import argparse
import sys
from pathlib import Path

from publicgsb_sdk.errors import GsbError
from publicgsb_sdk.testing.recording import record


def main() -> int:
    """The address comes from `PGSB_URL`, as for every client; contracts take no key."""
    parser = argparse.ArgumentParser(prog="python -m publicgsb_sdk.testing", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("record", help="save contracts, with those they link to")
    command.add_argument("datasets", nargs="+", metavar="agency.dataset")
    command.add_argument("--into", type=Path, default=Path("contracts"), help="a folder; `contracts` if not given")
    given = parser.parse_args()
    try:
        for path in record(given.datasets, given.into):
            print(path)  # noqa: T201
    except (GsbError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
