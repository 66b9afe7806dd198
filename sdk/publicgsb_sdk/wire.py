"""Reading what came over the wire: absent and null are the same, and an empty one."""

from collections.abc import Mapping
from typing import Any, cast


def members(value: Any) -> Mapping[str, Any]:
    """An object's members; none where there is none."""
    return value or {}


def items(value: Any) -> list[Any]:
    """A list's items; none where there is none."""
    return value or []


def an_object(value: Any) -> dict[str, Any] | None:
    """An object, or None for all else."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else None


def a_list(value: Any) -> list[Any] | None:
    """A list, or None for all else."""
    return value if isinstance(value, list) else None  # pyright: ignore[reportUnknownVariableType]
