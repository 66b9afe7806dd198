"""What an organisation does with its requests: prepare, hand in, answer, take back, reopen. One transaction each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from publicgsb.apikeys import store as keys_store
from publicgsb.apikeys.grants import store
from publicgsb.apikeys.grants.model import (
    STEPS_A_DAY_MAX,
    Content,
    GrantRequest,
    Said,
    Told,
    no_such_request,
    settled,
)
from publicgsb.apikeys.grants.states import Party, RequestState, Step, take
from publicgsb.apikeys.grants.told import tell
from publicgsb.apikeys.model import Owner, refuse_unless_active
from publicgsb.apikeys.moments import utc_now
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted, RateLimited
from publicgsb.platform.kernel.ids import OrganisationId

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closed:
    """What of a dataset needs a grant: itself, or fields; `fields`: their names → columns."""

    dataset_id: int
    is_whole: bool
    fields: Mapping[str, str]
    key: frozenset[str] = frozenset()  # columns of its primary key that are among them: every list looks at these


FindClosed = Callable[[str], Closed]  # by agency/dataset; raises NotFound, and Withheld for what nobody is granted


class Applying:
    """For the owner of an organisation."""

    def __init__(
        self, connections: Connections, find_closed: FindClosed, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._connections = connections
        self._find_closed = find_closed
        self._now = now

    async def open(self, owner: Owner, dataset: str, content: Content) -> Told:
        """A draft, which nobody else sees. NotFound, Withheld or InvalidRequest for what is not to be granted."""
        closed = self._find_closed(dataset)
        content = replace(content, fields=_columns(dataset, closed, content.fields))
        organisation_id, now = owner.organisation.id, self._now()
        async with self._connections.transaction() as connection:
            await self._may_step(connection, organisation_id, now)
            request_id = await store.insert(connection, organisation_id, closed.dataset_id, now)
            await store.put_content(connection, request_id, 1, content)
            request = await _own(connection, request_id, organisation_id)
            await tell(connection, request, Step.OPEN, Party.APPLICANT, owner.actor, Said(), now)
            return await _told(connection, request)

    async def edit(self, owner: Owner, request_id: int, change: Callable[[Content], Content]) -> Told:
        """Other words for what was not decided yet. What was handed in stays as it is until the next `reply`."""
        now = self._now()
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, owner, request_id, now)
            state = take(request.standing, Step.EDIT, Party.APPLICANT).request
            wanted = change(request.content)
            wanted = replace(wanted, fields=_columns(request.name, self._find_closed(request.name), wanted.fields))
            if wanted == request.content:
                return await _told(connection, request)
            version = request.version
            if version == request.submitted_version:
                version = await store.last_version(connection, request_id) + 1
            await store.put_content(connection, request_id, version, wanted)
            versions = (version, request.submitted_version)
            return await self._end(connection, owner, request, Step.EDIT, state, versions, Said(), now)

    async def submit(self, owner: Owner, request_id: int) -> Told:
        """The agency sees it from now on. NotPermitted until an operator has approved the organisation."""
        return await self._hand_in(owner, request_id, Step.SUBMIT, Said())

    async def reply(self, owner: Owner, request_id: int, message: str) -> Told:
        """The answer to a request for changes: what was edited is handed in again."""
        return await self._hand_in(owner, request_id, Step.REPLY, Said(message))

    async def withdraw(self, owner: Owner, request_id: int) -> Told:
        """The request is archived; a reopened one is as it was before, with its grant."""
        now = self._now()
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, owner, request_id, now)
            to = take(request.standing, Step.WITHDRAW, Party.APPLICANT)
            versions = settled(to, request.grant) or (request.version, request.submitted_version)
            return await self._end(connection, owner, request, Step.WITHDRAW, to.request, versions, Said(), now)

    async def reopen(self, owner: Owner, request_id: int) -> Told:
        """The next version, a draft that begins with the words of the grant, which goes on. So is one renewed."""
        now = self._now()
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, owner, request_id, now)
            state = take(request.standing, Step.REOPEN, Party.APPLICANT).request
            version = await store.last_version(connection, request_id) + 1
            await store.put_content(connection, request_id, version, request.content)
            versions = (version, request.submitted_version)
            return await self._end(connection, owner, request, Step.REOPEN, state, versions, Said(), now)

    async def requests(
        self, owner: Owner, state: RequestState | None, before: int | None, limit: int
    ) -> tuple[GrantRequest, ...]:
        async with self._connections.use() as connection:
            return await store.all_own(connection, owner.organisation.id, state, before, limit)

    async def request(self, owner: Owner, request_id: int) -> Told:
        async with self._connections.use() as connection:
            return await _told(connection, await _own(connection, request_id, owner.organisation.id))

    async def _hand_in(self, owner: Owner, request_id: int, step: Step, said: Said) -> Told:
        now = self._now()
        async with self._connections.transaction() as connection:
            request = await self._begin(connection, owner, request_id, now)
            state = take(request.standing, step, Party.APPLICANT).request
            if not await store.is_approved(connection, owner.organisation.id):
                raise NotPermitted(
                    "Restricted data are for organisations that an operator has approved.",
                    reason="approval",
                    hint="The draft is kept. Write to the operator, and hand it in once you are approved.",
                )
            # The contract may have changed since the words were written.
            _columns(request.name, self._find_closed(request.name), request.content.fields)
            versions = (request.version, request.version)
            return await self._end(connection, owner, request, step, state, versions, said, now)

    async def _begin(self, connection: Connection, owner: Owner, request_id: int, now: datetime) -> GrantRequest:
        """The organisation's request, locked."""
        await self._may_step(connection, owner.organisation.id, now)
        await store.lock(connection, request_id)
        return await _own(connection, request_id, owner.organisation.id)

    async def _end(
        self,
        connection: Connection,
        owner: Owner,
        request: GrantRequest,
        step: Step,
        state: RequestState,
        versions: tuple[int, int | None],
        said: Said,
        now: datetime,
    ) -> Told:
        await store.move(connection, request.id, state, *versions, now)
        moved = await _own(connection, request.id, request.organisation_id)
        taken = replace(moved, version=max(moved.version, request.version))  # also of one that was taken back
        is_draft = RequestState.DRAFT in (state, request.state) and step is not Step.SUBMIT  # that is its writer's own
        await tell(connection, taken, step, Party.APPLICANT, owner.actor, said, now, is_private=is_draft)
        return await _told(connection, moved)

    async def _may_step(self, connection: Connection, organisation_id: OrganisationId, now: datetime) -> None:
        """Locks the organisation, so that its steps are counted one after another."""
        organisation = await keys_store.organisation_for_update(connection, organisation_id)
        if organisation is None:
            raise no_such_request()
        refuse_unless_active(organisation.state, organisation.suspended_reason)
        earliest = await store.step_before(connection, organisation_id, now - _DAY, STEPS_A_DAY_MAX)
        if earliest is not None:
            raise RateLimited(
                f"Your organisation has taken {STEPS_A_DAY_MAX} steps with its requests within a day.",
                reason="grant_steps",
                hint="Go on after Retry-After.",
                retry_after_seconds=ceil((earliest + _DAY - now).total_seconds()),
            )


async def _own(connection: Connection, request_id: int, organisation_id: OrganisationId) -> GrantRequest:
    request = await store.own(connection, request_id, organisation_id)
    if request is None:
        raise no_such_request()
    return request


async def _told(connection: Connection, request: GrantRequest) -> Told:
    return Told(request, await store.steps(connection, request.id, is_applicant=True))


def _columns(dataset: str, closed: Closed, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The columns of the named fields, in one order; InvalidRequest names those that need no grant."""
    if not closed.is_whole and not closed.fields:
        raise InvalidRequest(
            f"Nothing of {dataset} is restricted: there is nothing to grant.",
            reason="not_restricted",
            hint="Ask it with your key.",
        )
    if names is None:
        return None
    unknown = [name for name in names if name not in closed.fields]
    if unknown:
        raise InvalidRequest(
            f"No restricted field of {dataset}: {', '.join(unknown[:20])}.",
            reason="fields",
            hint=f"Its restricted fields: {', '.join(sorted(set(closed.fields.values())))}.",
            fields=unknown[:20],
        )
    columns = {closed.fields[name] for name in names}
    if lacking := sorted(closed.key - columns):
        raise InvalidRequest(
            f"Every list of {dataset} goes by its key, which is restricted too: name {', '.join(lacking)} as well.",
            reason="key",
            fields=lacking,
        )
    return tuple(sorted(columns))
