"""Which release of a dataset answers at a version, and between which releases a link can be followed."""

from publicgsb.datasets.contracts.model import Link
from publicgsb.platform.kernel.errors import DatasetWithdrawn, ReleaseGone, ReleaseRecalled
from tests.schema.oracle.facts import DatasetKey, Facts


def bound(facts: Facts, key: DatasetKey, version: int) -> int:
    if key in facts.withdrawn:
        raise DatasetWithdrawn("withdrawn")
    if version < facts.forgotten_before(key):
        raise ReleaseGone("past retention")
    step = facts.at(version)
    seq = step.current.get(key) if step else None
    if seq is None:
        raise DatasetWithdrawn("not yet released")
    check_readable(facts, key, seq)
    return seq


def check_readable(facts: Facts, key: DatasetKey, seq: int) -> None:
    if (key, seq) in facts.recalled:
        raise ReleaseRecalled("recalled")
    if (key, seq) in facts.gone:
        raise ReleaseGone("past retention")


def is_joined(facts: Facts, link: Link, holder: tuple[DatasetKey, int], pointed: tuple[DatasetKey, int]) -> bool:
    """Whether both releases have the link's columns; what a release lacks is null."""
    return set(link.fields) <= facts.columns[holder] and set(link.to_fields) <= facts.columns[pointed]
