"""Output names. Columns and tables are quoted by datasets/releases/identifiers.py; aliases are the caller's words."""

import re

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,62}")


def output_name(alias: str) -> str:
    """A GraphQL response name as an SQL alias; ValueError for what GraphQL's grammar could not have let through."""
    if not _NAME.fullmatch(alias):
        raise ValueError("not a response name")
    return f'"{alias}"'
