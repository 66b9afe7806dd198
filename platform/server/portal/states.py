"""What pages say of a dataset that is not simply answered."""

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.registry import DatasetEntry, DatasetState
from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.words import Words


def state_of(entry: DatasetEntry, words: Words) -> str:
    """Nothing of one that is answered and stays."""
    deprecation = entry.deprecation
    instead = words.instead.format(name=entry.successor) if entry.successor else ""
    if entry.state is DatasetState.WITHDRAWN:
        reason = entry.withdrawn_reason
        return words.withdrawn + (f": {words.pick(reason)}" if reason else "") + instead
    if entry.contract.access is AccessLevel.WITHHELD:
        return words.access(AccessLevel.WITHHELD)  # nothing is to come
    if entry.current is None:
        return words.not_released
    if deprecation is None:
        return ""
    last_day = words.deprecated.format(day=formats.day(deprecation.sunset_on, words.lang))
    return f"{last_day}: {words.pick(deprecation.reason)}{instead}"
