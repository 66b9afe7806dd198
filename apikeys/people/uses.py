"""A declared public use: it raises plan `open` by one step, once, for as long as it stands."""

from publicgsb.apikeys.model import Actor, Organisation, Owner
from publicgsb.apikeys.organisations import locked, locked_active, subject_of
from publicgsb.apikeys.people import store
from publicgsb.apikeys.people.model import PLAN_OPEN, PLAN_REGISTERED_USE, DeclaredUse, Profile
from publicgsb.apikeys.people.steps import announce_keys, profile_of, refuse_unconfirmed
from publicgsb.apikeys.spread import spread_of
from publicgsb.apikeys.store import audit
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, NotPermitted
from publicgsb.platform.kernel.ids import OrganisationId


async def declare(connections: Connections, owner: Owner, url: str, description: str) -> Profile:
    """NotPermitted before the address is confirmed, and for an organisation whose use an operator ended."""
    owner.refuse_unless_owner()
    organisation_id = owner.organisation.id
    async with connections.transaction() as connection:
        before = await locked_active(connection, organisation_id)
        await refuse_unconfirmed(connection, organisation_id)
        if (await profile_of(connection, organisation_id))[0].use is not None:
            raise Conflict(
                "A use is declared already, and it raises the plan once.",
                reason="use_declared",
                hint="DELETE /api/v1/organisation/use ends it; then declare the new one.",
            )
        if await store.use_was_revoked(connection, organisation_id):
            raise NotPermitted(
                "The operator ended an earlier use of this organisation.",
                reason="use_revoked",
                hint="Write to the operator of this service; approval raises the plan as well.",
            )
        use = await store.insert_use(connection, organisation_id, owner.person_id, url, description)
        after = await store.step_plan(connection, organisation_id, PLAN_OPEN, PLAN_REGISTERED_USE)
        await _audit(connection, owner.actor, "use.declare", use, before, after)
        profile = (await profile_of(connection, organisation_id))[0]
        seq = await announce_keys(connection, organisation_id)
    await spread_of(connections, seq)
    return profile


async def end(connections: Connections, organisation_id: OrganisationId, reason: str, actor: Actor) -> Organisation:
    """By its owner, or by an operator, and then for good; the step ends with it."""
    async with connections.transaction() as connection:
        before = await locked(connection, organisation_id)
        ended_by = "operator" if actor.organisation_id is None else "owner"
        use = await store.end_use(connection, organisation_id, ended_by, reason)
        if use is None:
            raise NotFound("No use is declared.", hint="POST /api/v1/organisation/use declares one.")
        after = await store.step_plan(connection, organisation_id, PLAN_REGISTERED_USE, PLAN_OPEN)
        await _audit(connection, actor, "use.end", use, before, after, reason)
        seq = await announce_keys(connection, organisation_id)
    await spread_of(connections, seq)
    return after


async def _audit(
    connection: Connection,
    actor: Actor,
    action: str,
    use: DeclaredUse,
    before: Organisation,
    after: Organisation,
    reason: str | None = None,
) -> None:
    await audit(
        connection,
        actor,
        action,
        subject_of(after.id),
        before=before.standing,
        after=after.standing,
        reason=reason,
        use=use.id,
        url=use.url,
    )
