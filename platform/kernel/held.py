"""What only an agency's key may do, and what one is held to: some of the agency's datasets, data of some access levels.

What a data key is held to is looked at where rights are; what an agency does is looked at where it does it.
"""

from collections.abc import Set as AbstractSet

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted

_HINT = "The operator chose what it is for (gsb key restrict changes it); another key of the agency may do this."


def refuse_data_key(caller: Caller) -> None:
    """Raises NotPermitted (`data_key`) unless it is an agency's key."""
    if caller.kind is not KeyKind.AGENCY:
        raise NotPermitted("This needs an agency's key.", hint="Agency keys begin with gsba_.", reason="data_key")


def refuse_beyond(caller: Caller, dataset: str, levels: AbstractSet[str]) -> None:
    """Raises NotPermitted (`key_dataset`, `key_level`) unless the key is for `dataset` (agency/dataset) and for data of
    all these levels.
    """
    if caller.only is not None and dataset not in caller.only:
        raise NotPermitted(f"This key is not for {dataset}.", reason="key_dataset", hint=_HINT, dataset=dataset)
    refuse_beyond_levels(caller, levels)


def refuse_beyond_levels(caller: Caller, levels: AbstractSet[str]) -> None:
    """Raises NotPermitted (`key_level`) unless the key is for data of all these levels."""
    beyond = sorted(levels - caller.levels) if caller.levels is not None else []
    if beyond:
        raise NotPermitted(f"This key is not for {beyond[0]} data.", reason="key_level", hint=_HINT)


def refuse_held(caller: Caller) -> None:
    """Raises NotPermitted (`key_dataset`, `key_level`) for what concerns the whole agency and not one dataset."""
    if caller.only is not None or caller.levels is not None:
        raise NotPermitted(
            "This key is held to some datasets or levels, and this concerns the whole agency.",
            reason="key_level" if caller.only is None else "key_dataset",
            hint=_HINT,
        )
