"""Query texts live in .sql and .lua files beside the code that runs them; this loads them once."""

from importlib.resources import files


def load(package: str, name: str) -> str:
    """The text of `name` in the folder of `package`, e.g. load("publicgsb.apikeys", "sql/key_by_id.sql")."""
    return (files(package) / name).read_text(encoding="utf-8")
