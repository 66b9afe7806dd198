"""What is done with data requests: ask, read, acknowledge, answer, remove. Each change is one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from publicgsb.datasets.registry import DatasetEntry, DatasetState, Registry
from publicgsb.datasets.requests import store
from publicgsb.datasets.requests.grounds import check_ground
from publicgsb.datasets.requests.model import (
    ANSWER_WORKING_DAYS,
    ANSWERS,
    DataRequest,
    State,
    Step,
    no_such_request,
    refuse_step,
)
from publicgsb.datasets.requests.store import Figures, Wanted
from publicgsb.datasets.requests.words import (
    MESSAGE_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    check_address,
    check_words,
)
from publicgsb.datasets.requests.working_days import WorkingDays, load_calendar
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, NotPermitted
from publicgsb.platform.kernel.outbox import publish

PAGE_MAX = 100

# Writes to whoever asked, in the transaction that moved their request; the platform has the mail.
Tell: TypeAlias = Callable[[Connection, str, DataRequest, State], Awaitable[None]]


async def nobody(_: Connection, __: str, ___: DataRequest, ____: State) -> None:
    """Where there is no mail."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """As it came, unchecked."""

    agency: str
    title: str
    text: str
    dataset: str | None = None  # slug of a dataset of the agency
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Decider:
    """An agency's key, or an operator, who decides for every agency. `only` are the datasets that a key is held to."""

    by: str  # agency or operator
    actor: str
    agency_id: int | None = None
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """REFUSED without a ground becomes REFUSED_WITHOUT_GROUND. `dataset` is written agency/dataset."""

    state: State
    dataset: str | None = None
    legal_ground: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class DataRequests:
    connections: Connections
    registry: Callable[[], Awaitable[Registry]]
    calendar: WorkingDays = field(default_factory=load_calendar)
    now: Callable[[], datetime] = utc_now
    tell: Tell = nobody

    async def ask(self, asked: Asked) -> DataRequest:
        """Its clock begins now. NotFound for an agency or dataset that is not there."""
        title = check_words("title", asked.title, TITLE_LENGTH)
        text = check_words("text", asked.text, TEXT_LENGTH)
        contact = check_address(asked.email) if asked.email is not None else None
        registry, now = await self.registry(), self.now()
        agency = registry.agencies.get(asked.agency)
        if agency is None:
            raise NotFound("There is no such agency.", hint="/catalog.json lists them all.")
        about = registry.dataset(agency.slug, asked.dataset) if asked.dataset is not None else None
        due_at = self.calendar.deadline(now, ANSWER_WORKING_DAYS)
        async with self.connections.transaction() as connection:
            dataset_id = about.id if about else None
            number = await store.insert(
                connection, agency.id, dataset_id, title, text, contact, now, due_at, self.calendar.stamp
            )
            await store.add_step(connection, number, Step(State.OPEN, now, "public"))
            await record(
                connection,
                "public",
                "request.ask",
                f"request:{number}",
                after={"state": State.OPEN.value, "agency": agency.slug, "due": due_at.isoformat()},
            )
            told = {"request": number, "agency": agency.slug, "title": title, "dueAt": due_at.isoformat()}
            await publish(connection, "request.asked", told, agency_id=agency.id)
            return await self._read(connection, number)

    async def listed(self, wanted: Wanted, most: int) -> list[DataRequest]:
        """Newest first."""
        async with self.connections.use() as connection:
            return await store.listed(connection, wanted, self.now(), most)

    async def one(self, number: int) -> DataRequest:
        async with self.connections.use() as connection:
            return await self._read(connection, number)

    async def figures(self, agency: str | None = None) -> list[Figures]:
        """Of agencies that were ever asked, by slug."""
        async with self.connections.use() as connection:
            return await store.figures(connection, agency, self.now())

    async def acknowledge(self, who: Decider, number: int) -> DataRequest:
        """Somebody has read it; the clock runs on."""
        async with self.connections.transaction() as connection:
            request = await self._own(connection, who, number)
            return await self._step(connection, who, request, Step(State.ACKNOWLEDGED, self.now(), who.by), None)

    async def answer(self, who: Decider, number: int, answer: Answer) -> DataRequest:
        """Also after the end of the clock, which stays told; Conflict for less than was given before."""
        entry = await self._released(answer)
        ground = check_ground(answer.legal_ground) if answer.legal_ground is not None else None
        message = check_words("message", answer.message, MESSAGE_LENGTH) if answer.message is not None else None
        state = _told_state(answer, message)
        async with self.connections.transaction() as connection:
            request = await self._own(connection, who, number)
            step = Step(state, self.now(), who.by, ground, message, entry.name if entry else None)
            moved = await self._step(connection, who, request, step, entry.id if entry else None)
            if request.contact is not None:
                await self.tell(connection, request.contact, moved, state)
            return moved

    async def remove(self, who: Decider, number: int, reason: str) -> DataRequest:
        """An operator's: for insults and for what the check of words let through. Its words are gone for good."""
        if who.agency_id is not None:
            raise NotPermitted("An agency does not remove what it was asked.", reason="operator")
        async with self.connections.transaction() as connection:
            request = await self._own(connection, who, number)
            now = self.now()
            refuse_step(request, State.REMOVED, now)
            await store.remove(connection, number, now)
            await store.add_step(connection, number, Step(State.REMOVED, now, who.by))
            await self._audit(connection, who, request, State.REMOVED, reason)
            return await self._read(connection, number)

    async def _step(
        self, connection: Connection, who: Decider, request: DataRequest, step: Step, dataset_id: int | None
    ) -> DataRequest:
        """Writes first that the clock had run out, where nobody has yet, so that the steps are in order."""
        refuse_step(request, step.state, step.at)
        if request.state(step.at) is not request.stored:
            due = store.Due(request.id, request.agency_id, request.agency, request.due_at, request.stored)
            await write_no_answer(connection, due)
        days = None
        if step.state in ANSWERS and request.answered_at is None:
            days = self.calendar.between(self.calendar.local_day(request.asked_at), self.calendar.local_day(step.at))
        await store.move(connection, request.id, step, dataset_id, days)
        await self._audit(connection, who, request, step.state, None, step)
        told = {"request": request.id, "agency": request.agency, "state": step.state.value}
        await publish(connection, f"request.{step.state.value}", told, agency_id=request.agency_id)
        return await self._read(connection, request.id)

    async def _audit(
        self,
        connection: Connection,
        who: Decider,
        request: DataRequest,
        state: State,
        reason: str | None,
        step: Step | None = None,
    ) -> None:
        """Without the words of anybody: they may have to be removed, and what the audit holds stays."""
        given = {"legalGround": step.legal_ground, "dataset": step.dataset} if step else {}
        await record(
            connection,
            who.actor,
            f"request.{state.value}",
            f"request:{request.id}",
            before={"state": request.state(self.now()).value},
            after={"state": state.value, **{name: value for name, value in given.items() if value is not None}},
            reason=reason,
            agency=request.agency,
        )

    async def _own(self, connection: Connection, who: Decider, number: int) -> DataRequest:
        """Locked. NotPermitted for another agency's, and for a key that is not for its dataset."""
        request = await store.locked(connection, number, self.now())
        if request is None:
            raise no_such_request()
        if who.agency_id is not None and who.agency_id != request.agency_id:
            raise NotPermitted("This request was put to another agency.", reason="other_agency")
        if who.only is not None and (request.dataset is None or request.dataset not in who.only):
            raise NotPermitted(
                "This key is held to some datasets, and the request is not about one of them.", reason="key_dataset"
            )
        return request

    async def _released(self, answer: Answer) -> DatasetEntry | None:
        """The dataset that the answer points at, which everybody can read or ask for."""
        if answer.dataset is None:
            return None
        agency, _, slug = answer.dataset.partition("/")
        entry = (await self.registry()).dataset(agency, slug)
        if entry.current is None or entry.state is DatasetState.WITHDRAWN:
            raise Conflict(
                f"{entry.name} has no release that anybody can read.",
                reason="not_released",
                hint="Release it first; then answer with it.",
            )
        return entry

    async def _read(self, connection: Connection, number: int) -> DataRequest:
        request = await store.by_id(connection, number, self.now())
        if request is None:
            raise no_such_request()
        return request


async def write_no_answer(connection: Connection, due: store.Due) -> None:
    """Dated at the end of the clock."""
    await store.set_no_answer(connection, due)
    await record(
        connection,
        "system:requests",
        "request.no_answer",
        f"request:{due.id}",
        before={"state": due.state.value if due.state else None},
        after={"state": State.NO_ANSWER.value, "at": due.due_at.isoformat()},
        agency=due.agency,
    )
    told = {"request": due.id, "agency": due.agency, "state": State.NO_ANSWER.value, "at": due.due_at.isoformat()}
    await publish(connection, "request.no_answer", told, agency_id=due.agency_id)


def _told_state(answer: Answer, message: str | None) -> State:
    """The state that the answer is, once what belongs to it is there. InvalidRequest for what does not fit together."""
    state, ground = answer.state, answer.legal_ground
    if state is State.REFUSED and ground is None:
        state = State.REFUSED_WITHOUT_GROUND
    if state not in ANSWERS:
        raise InvalidRequest(f"{state.value} is no answer.", reason="state", hint=_ANSWERS_HINT)
    gives = state in (State.RELEASED, State.PARTLY_RELEASED)
    if gives != (answer.dataset is not None):
        raise InvalidRequest(
            f"{state.value} {'names the dataset that was released' if gives else 'names no dataset'}.", reason="dataset"
        )
    bars = state in (State.REFUSED, State.PARTLY_RELEASED)
    if bars != (ground is not None):
        raise InvalidRequest(
            f"{state.value} {'names the legal ground of what is barred' if bars else 'has no legal ground'}.",
            reason="legal_ground",
        )
    if state is State.NOT_HELD and message is None:
        raise InvalidRequest("not_held says in `message` who may have the data, or that nobody does.", reason="message")
    return state


_ANSWERS_HINT = "released, partly_released, not_held or refused."
