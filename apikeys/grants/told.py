"""Each step is written down where both sides and the audit find it, in the transaction that takes it.

This is the one place that announces: whatever delivers announcements to organisations and agencies begins here.
"""

from datetime import datetime

from publicgsb.apikeys import store as keys_store
from publicgsb.apikeys.grants import store
from publicgsb.apikeys.grants.model import GrantRequest, Said
from publicgsb.apikeys.grants.states import Party, Step
from publicgsb.apikeys.model import Actor
from publicgsb.platform.kernel.database import Connection


async def tell(
    connection: Connection,
    request: GrantRequest,
    step: Step,
    party: Party,
    actor: Actor,
    said: Said,
    now: datetime,
    **more: str | int,
) -> None:
    """`request` as it stands after the step; `more` goes into the audit beside what was said."""
    await store.add_step(connection, request, step, party, actor.name, said, now)
    details: dict[str, str | int] = {
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
