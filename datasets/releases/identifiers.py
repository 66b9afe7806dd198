"""Names of tables and columns inside SQL: the one place that quotes, and the one that names a release's table."""

import hashlib
import re

NAME_BYTES_MAX = 63  # PostgreSQL cuts longer names silently
_PLAIN = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def quote(name: str) -> str:
    """A double-quoted identifier; ValueError for anything that no contract or release can be named."""
    if not _PLAIN.fullmatch(name):
        raise ValueError("not a name of ours")
    return f'"{name}"'


def released(table: str) -> str:
    """The qualified, quoted name of a release's table."""
    return f"released.{quote(table)}"


def changes_name(table: str) -> str:
    """Where the changed keys of the release in `table` stand; no release's own table ends like it."""
    plain = f"{table}_changes"
    if len(plain) <= NAME_BYTES_MAX:
        return plain
    return f"{table[:20].strip('_')}__{hashlib.sha256(table.encode()).hexdigest()[:16]}_changes"


def table_name(agency: str, dataset: str, seq: int) -> str:
    """agency__dataset__r7; with a hash where that is too long, or where a slug holds `__` and could be misread."""
    plain = f"{agency}__{dataset}__r{seq}"
    if len(plain) <= NAME_BYTES_MAX and "__" not in agency and "__" not in dataset:
        return plain
    tag = hashlib.sha256(f"{agency}/{dataset}".encode()).hexdigest()[:16]
    return f"{agency[:16].strip('_')}__{tag}__r{seq}"
