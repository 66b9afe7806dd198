"""How a key is refused what it does not read: what its owner chose, and what a test key is for."""

from collections.abc import Iterable
from typing import Any

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import NotPermitted


def check_datasets(caller: Caller, names: Iterable[str]) -> None:
    """Raises NotPermitted for the first of `names` (`agency/dataset`, by the alphabet) that the key does not read."""
    if caller.only is None:
        return
    for name in sorted(set(names) - caller.only):
        raise NotPermitted(
            f"{caller.this} does not read {name}.",
            reason="key_dataset",
            hint="Its owner chose the datasets it reads; another key may read this one.",
            dataset=name,
        )


def beyond_levels(what: str, **details: Any) -> NotPermitted:
    """`what` says which data have which level."""
    return NotPermitted(
        f"{what}, and this key does not read such data.",
        reason="key_level",
        hint="Its owner chose the access levels it reads; another key may read this one.",
        **details,
    )


def refused_to_test(what: str, **details: Any) -> NotPermitted:
    return NotPermitted(
        f"{what} is not open data, and a test key reads open data only.",
        reason="test_key",
        hint="Use a live key (gsbl_…).",
        **details,
    )
