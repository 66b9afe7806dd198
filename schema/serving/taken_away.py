"""A request that began before a recall and came too late: the release that it was bound to was dropped meanwhile."""

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import GsbError, Internal
from publicgsb.schema.sql.prepare import Prepared


def is_taken_away(failure: Exception, prepared: Prepared, registry: Registry) -> bool:
    """Whether a recall explains it: asked again, the request is told the truth.

    Looked at once something has broken, and at nothing else: a table that nobody recalled is a defect of ours.
    """
    if isinstance(failure, GsbError) and not isinstance(failure, Internal):
        return False
    for release in prepared.releases:
        if release is not None:
            entry = registry.datasets.get((release.contract.agency, release.contract.dataset))
            if entry is not None and release.seq in entry.recalled:
                return True
    return False
