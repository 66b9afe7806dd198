"""What operators do with organisations, one transaction each, and the lock behind which an organisation's keys change.

Whoever adds, changes or ends keys of an organisation locks its row first: no key slips in while it is being suspended.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from publicgsb.apikeys import store
from publicgsb.apikeys.announcing import tell_organisation
from publicgsb.apikeys.model import (
    Actor,
    Application,
    Organisation,
    OrganisationState,
    Suspension,
    refuse_unless_active,
)
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.spread import spread_of, tell
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound
from publicgsb.platform.kernel.ids import OrganisationId

_Change: TypeAlias = Callable[[Connection, Organisation], Awaitable[Organisation]]


class Organisations:
    """For the command line; each change of an organisation changes what its keys may do, and waits until all know."""

    def __init__(self, connections: Connections, *, now: Callable[[], datetime] = utc_now) -> None:
        self._connections = connections
        self._now = now

    async def list(self, state: OrganisationState | None = None) -> tuple[Organisation, ...]:
        """All organisations, or those of one state, newest first."""
        async with self._connections.use() as connection:
            return await store.organisations(connection, state)

    async def approve(self, organisation_id: OrganisationId, actor: Actor, plan: str = "approved") -> Organisation:
        """The organisation is active on `plan`, also when it was suspended before."""

        async def approved(connection: Connection, _: Organisation) -> Organisation:
            organisation = await store.approve_organisation(connection, organisation_id, plan, self._now())
            await tell_organisation(connection, "organisation.approved", organisation)
            return organisation

        return (await self._change(organisation_id, actor, "organisation.approve", None, approved)).organisation

    async def suspend(self, organisation_id: OrganisationId, reason: str, actor: Actor) -> Suspension:
        """None of the organisation's keys is accepted once this returns with `spread.is_everywhere`."""

        async def suspended(connection: Connection, _: Organisation) -> Organisation:
            organisation = await store.suspend_organisation(connection, organisation_id, reason)
            await tell_organisation(connection, "organisation.suspended", organisation)
            return organisation

        return await self._change(organisation_id, actor, "organisation.suspend", reason, suspended)

    async def add_application(self, organisation_id: OrganisationId, name: str, actor: Actor) -> Application:
        """A further application, with an account of its own: what it may spend comes on top, so an operator decides."""
        async with self._connections.transaction() as connection:
            await locked(connection, organisation_id)
            application = await store.insert_application(connection, organisation_id, name)
            await store.audit(
                connection,
                actor,
                "application.add",
                subject_of(organisation_id),
                after={"name": name},
                application=application.id,
            )
        return application

    async def resume(self, organisation_id: OrganisationId, reason: str, actor: Actor) -> Organisation:
        """The end of a suspension: active again on the plan it had."""

        async def resumed(connection: Connection, before: Organisation) -> Organisation:
            if before.suspended_reason is None:
                raise Conflict("The organisation is not suspended.", reason="active")
            organisation = await store.resume_organisation(connection, organisation_id)
            await tell_organisation(connection, "organisation.resumed", organisation)
            return organisation

        return (await self._change(organisation_id, actor, "organisation.resume", reason, resumed)).organisation

    async def _change(
        self, organisation_id: OrganisationId, actor: Actor, action: str, reason: str | None, change: _Change
    ) -> Suspension:
        async with self._connections.transaction() as connection:
            before = await locked(connection, organisation_id)
            after = await change(connection, before)
            await store.audit(
                connection,
                actor,
                action,
                subject_of(organisation_id),
                before=before.standing,
                after=after.standing,
                reason=reason,
            )
            key_ids = tuple(key.id for key in await store.keys_of_organisation(connection, organisation_id))
            seq = await tell(connection, key_ids)
        return Suspension(after, key_ids, await spread_of(self._connections, seq))


async def locked(connection: Connection, organisation_id: OrganisationId) -> Organisation:
    """The organisation, locked until the end of the transaction; NotFound when there is none."""
    organisation = await store.organisation_for_update(connection, organisation_id)
    if organisation is None:
        raise no_such_organisation()
    return organisation


async def locked_active(connection: Connection, organisation_id: OrganisationId) -> Organisation:
    """Likewise; raises Unauthenticated for one that is suspended or pending."""
    organisation = await locked(connection, organisation_id)
    refuse_unless_active(organisation.state, organisation.suspended_reason)
    return organisation


def subject_of(organisation_id: OrganisationId) -> str:
    """An organisation as the audit names it."""
    return f"organisation:{organisation_id}"


def no_such_organisation() -> NotFound:
    return NotFound("There is no such organisation.", hint="gsb org list shows all of them.")
