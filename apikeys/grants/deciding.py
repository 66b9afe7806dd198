"""What the owning agency does with requests: look, ask for changes, validate, refuse, revoke. One transaction each.

What changes rights is told to every process by the event of a revoked key, and a revocation waits until each has heard.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from publicgsb.apikeys import store as keys_store
from publicgsb.apikeys.grants import store
from publicgsb.apikeys.grants.model import (
    Decided,
    Decider,
    GrantRequest,
    Said,
    Told,
    end_of,
    no_such_request,
    settled,
)
from publicgsb.apikeys.grants.states import GrantState, Party, RequestState, Standing, Step, take
from publicgsb.apikeys.grants.told import tell
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.spread import spread_of
from publicgsb.apikeys.spread import tell as forget
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.platform.kernel.held import refuse_beyond_levels


class Deciding:
    """For publishers and reviewers of the agency that owns a dataset, and for the operator."""

    def __init__(self, connections: Connections, *, now: Callable[[], datetime] = utc_now) -> None:
        self._connections = connections
        self._now = now

    async def decider(self, caller: Caller) -> Decider:
        """Who decides with an agency's key; NotPermitted for another key or role, and for one held to other levels."""
        if caller.kind is not KeyKind.AGENCY:
            raise NotPermitted(
                "A data key neither applies for grants nor decides.",
                reason="data_key",
                hint="Organisations send their owner token, agencies their key (gsba_…).",
            )
        refuse_beyond_levels(caller, {"restricted"})
        async with self._connections.use() as connection:
            if not await store.may_decide(connection, caller.person_id, caller.agency_id):
                raise NotPermitted("Only publishers and reviewers of an agency decide.", reason="role")
        actor = Actor(f"person:{caller.person_id} key:{caller.key_id}", None)
        return Decider(actor, Party.AGENCY, caller.agency_id, caller.only)

    async def requests(
        self, decider: Decider, state: RequestState | None, before: int | None, limit: int
    ) -> tuple[GrantRequest, ...]:
        """What was handed in for the agency's datasets, newest first."""
        async with self._connections.use() as connection:
            found = await store.all_seen(connection, decider, state, before, limit)
        return tuple(map(_as_seen, found))

    async def request(self, decider: Decider, request_id: int) -> Told:
        async with self._connections.use() as connection:
            request = await _seen(connection, request_id, decider)
            return Told(_as_seen(request), await store.steps(connection, request_id, is_applicant=False))

    async def request_changes(self, decider: Decider, request_id: int, message: str) -> Decided:
        """Back to the applicant with what is missing."""
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, request_id, decider)
            to = _take(request, Step.REQUEST_CHANGES, decider)
            return await self._end(connection, decider, request, Step.REQUEST_CHANGES, to, Said(message))

    async def validate(
        self, decider: Decider, request_id: int, *, days: int | None = None, message: str = ""
    ) -> Decided:
        """The right is given from now on, for as long as was asked for or fewer `days`; an older grant is obsolete."""
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, request_id, decider)
            to = _take(request, Step.VALIDATE, decider)
            now = self._now()
            ends_at = end_of(now, request.content.days, days)
            assert request.submitted_version is not None
            await store.end_grant(connection, request_id, GrantState.OBSOLETE, now)
            await store.insert_grant(connection, request_id, request.submitted_version, now, ends_at)
            until = ends_at.isoformat(timespec="seconds")
            decided = await self._end(connection, decider, request, Step.VALIDATE, to, Said(message), until=until)
            seq = await _forget_keys(connection, request)
        return replace(decided, spread=await spread_of(self._connections, seq))

    async def refuse(self, decider: Decider, request_id: int, legal_ground: str, message: str) -> Decided:
        """With the legal ground. What a reopening asked for is refused; the grant from before goes on."""
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, request_id, decider)
            to = _take(request, Step.REFUSE, decider)
            return await self._end(connection, decider, request, Step.REFUSE, to, Said(message, legal_ground))

    async def revoke(self, decider: Decider, request_id: int, reason: str) -> Decided:
        """No process answers by this grant once this returns with `spread.is_everywhere`."""
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, request_id, decider)
            to = _take(request, Step.REVOKE, decider)
            await store.end_grant(connection, request_id, GrantState.REVOKED, self._now(), reason)
            decided = await self._end(connection, decider, request, Step.REVOKE, to, Said(reason))
            seq = await _forget_keys(connection, request)
        return replace(decided, spread=await spread_of(self._connections, seq))

    async def _begin(self, connection: Connection, request_id: int, decider: Decider) -> GrantRequest:
        """The request as it was handed in, locked: its organisation first, like everything that touches its keys."""
        request = await _seen(connection, request_id, decider)
        await keys_store.organisation_for_update(connection, request.organisation_id)
        await store.lock(connection, request_id)
        return await _seen(connection, request_id, decider)

    async def _end(
        self,
        connection: Connection,
        decider: Decider,
        request: GrantRequest,
        step: Step,
        to: Standing,
        said: Said,
        **more: str,
    ) -> Decided:
        """The step is of the version that was handed in; `settled` says which words stand after it."""
        now = self._now()
        grant = (await _seen(connection, request.id, decider)).grant  # as it is now
        versions = settled(to, grant) or (request.version, request.submitted_version)
        await store.move(connection, request.id, to.request, *versions, now)
        moved = await _seen(connection, request.id, decider)
        decided = replace(moved, version=request.submitted_version or moved.version)
        await tell(
            connection,
            decided,
            step,
            decider.party,
            decider.actor,
            said,
            now,
            is_private=False,
            agency=request.agency,
            **more,
        )
        return Decided(_as_seen(moved), None)


def _take(request: GrantRequest, step: Step, decider: Decider) -> Standing:
    """First as the agency sees the request: no refusal tells of a reopening that is a draft yet."""
    take(_as_seen(request).standing, step, decider.party)
    return take(request.standing, step, decider.party)


def _as_seen(request: GrantRequest) -> GrantRequest:
    """A reopening is not the agency's to know of until it is handed in."""
    if request.state is not RequestState.DRAFT:
        return request
    return replace(request, state=RequestState.VALIDATED)


async def _forget_keys(connection: Connection, request: GrantRequest) -> int:
    """Every key of the organisation is read anew. Its row is locked: no key can have come meanwhile with old rights."""
    keys = await keys_store.keys_of_organisation(connection, request.organisation_id)
    return await forget(connection, (key.id for key in keys))


async def _seen(connection: Connection, request_id: int, decider: Decider) -> GrantRequest:
    request = await store.seen(connection, request_id, decider)
    if request is None:
        raise no_such_request()
    return request
