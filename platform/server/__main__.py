"""`python -m publicgsb.platform.server`: the same as `gsb`, for processes that start processes."""

from publicgsb.platform.server.cli import main

main()
