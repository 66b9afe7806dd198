"""Known to work with others: `python -m tests.compat`, docs/compat.md, and the same checks in make prove.

One file per tool in `tools/`. What the page shows is the text that the check runs.
"""
