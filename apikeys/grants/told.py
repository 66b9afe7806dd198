"""Each step is written down where both sides and the audit find it, in the transaction that takes it.

This is the one place that announces: whatever delivers announcements to organisations and agencies begins here.
"""

from datetime import datetime
from typing import Any

from publicgsb.apikeys import store as keys_store
from publicgsb.apikeys.grants import store
from publicgsb.apikeys.grants.model import GrantRequest, Said
from publicgsb.apikeys.grants.states import Party, Step
from publicgsb.apikeys.model import Actor
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.outbox import publish

_SILENT = {Step.OPEN, Step.EDIT}  # of a request that nobody was handed yet


async def tell(
    connection: Connection,
    request: GrantRequest,
    step: Step,
    party: Party,
    actor: Actor,
    said: Said,
    now: datetime,
    *,
    is_private: bool = False,
    **more: str | int,
) -> None:
    """`request` as it stands after the step; `more` goes into the audit beside what was said. Of a private step the
    agency hears nothing.
    """
    await store.add_step(connection, request, step, party, actor.name, said, now)
    details: dict[str, Any] = {
        "party": party.value,
        "organisation": request.organisation_id,
        "dataset": request.name,
        "version": request.version,
        "state": request.state.value,
        **({"message": said.message} if said.message else {}),
        **({"legalGround": said.legal_ground} if said.legal_ground else {}),
        **more,
    }
    await keys_store.audit(connection, actor, f"grant.{step.value}", f"grant_request:{request.id}", **details)
    if step not in _SILENT:
        await publish(
            connection,
            f"grant.{step.value}",
            {
                "request": request.id,
                "dataset": request.name,
                "version": request.version,
                "state": request.state.value,
                "legalGround": said.legal_ground,
            },
            organisation_id=request.organisation_id,
            agency_id=None if is_private or request.submitted_version is None else request.agency_id,
        )
