"""`pgsb`: the service from a terminal and from scripts. Needs `pip install publicgsb-sdk[cli]`."""

import sys

MISSING = "pgsb needs click and rich. Run: pip install 'publicgsb-sdk[cli]'"


def main() -> None:
    """The entry point: what is missing is said with the command that installs it, before anything else."""
    try:
        import click as _click  # noqa: F401, PLC0415 - only whether they are there
        import rich as _rich  # noqa: F401, PLC0415
    except ImportError:
        sys.stderr.write(f"{MISSING}\n")
        raise SystemExit(1) from None
    from publicgsb_sdk.cli.app import run  # noqa: PLC0415

    raise SystemExit(run())
