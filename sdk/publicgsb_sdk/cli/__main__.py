"""`python -m publicgsb_sdk.cli` is `pgsb`."""

from publicgsb_sdk.cli import main

main()
