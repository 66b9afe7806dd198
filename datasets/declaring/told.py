"""What came of a declared contract, in JSON. Applications are named in it, so it is for the agency alone."""

from typing import Any

from publicgsb.datasets.contracts.diff import TOLD_MAX, differences
from publicgsb.datasets.declaring.model import Outcome
from publicgsb.datasets.notices.told import users_json
from publicgsb.datasets.reviews.examining import contract_change


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    contract, before = outcome.contract, outcome.before
    found = differences(before, contract) if before else ()
    return {
        "dataset": contract.slug,
        "version": contract.version,
        "sha256": contract.sha256,
        "result": outcome.result.value,
        "takesEffect": outcome.takes_effect.value,
        "dryRun": outcome.is_dry_run,
        "change": contract_change(before if outcome.was_released else None, contract),
        "diff": [one.as_json() for one in found],
        "diffIsCut": len(found) == TOLD_MAX,
        "announcement": _announcement(outcome),
        "effective": "pending" if outcome.workers_behind else "everywhere",
        "open": outcome.workers_behind,
    }


def _announcement(outcome: Outcome) -> dict[str, Any] | None:
    """What has to be done before a release takes effect under it, and whom it concerns."""
    held = outcome.held
    if held is None:
        return None
    agency, dataset = outcome.contract.slug.split("/")
    return {
        "required": held.successor is None,
        "at": f"/api/v1/agencies/{agency}/datasets/{dataset}/notice",
        "wouldBe": held.next_name,
        "successor": held.successor,
        "breaks": list(held.breaks),
        "touchedFields": list(held.touched),
        "applications": users_json(outcome.users),
    }
