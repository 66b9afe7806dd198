"""`pgsb`: the service from a terminal and from scripts. Needs `pip install publicgsb-sdk[cli]`."""

import sys
from importlib import import_module

MISSING = "pgsb needs click and rich. Run: pip install 'publicgsb-sdk[cli]'"


def main() -> None:
    """The entry point: what is missing is said with the command that installs it, before anything else."""
    try:
        for needed in ("click", "rich"):
            import_module(needed)
    except ImportError:
        sys.stderr.write(f"{MISSING}\n")
        raise SystemExit(1) from None
    from publicgsb_sdk.cli.app import run  # noqa: PLC0415

    raise SystemExit(run())
