"""A data request: its states, which of them follow which, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from publicgsb.platform.kernel.errors import Conflict, NotFound

ANSWER_WORKING_DAYS = 10  # by-law of the law on access to information, article 13; it knows no extension
REMIND_WORKING_DAYS = 2  # before the end
CONTACT_KEPT_DAYS = 30  # after the last step


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"  # read by somebody; the clock runs on
    RELEASED = "released"  # there is a dataset
    PARTLY_RELEASED = "partly_released"  # a dataset without what a legal ground bars
    NOT_HELD = "not_held"  # the agency says that it has no such data
    REFUSED = "refused"  # on a legal ground
    REFUSED_WITHOUT_GROUND = "refused_without_ground"
    NO_ANSWER = "no_answer"  # by itself, at the end of the clock
    REMOVED = "removed"  # by an operator; its words are gone


RUNNING = frozenset({State.OPEN, State.ACKNOWLEDGED})
ANSWERS = frozenset(
    {State.RELEASED, State.PARTLY_RELEASED, State.NOT_HELD, State.REFUSED, State.REFUSED_WITHOUT_GROUND}
)
REFUSALS = frozenset({State.REFUSED, State.REFUSED_WITHOUT_GROUND})
_GIVEN = frozenset({State.RELEASED, State.PARTLY_RELEASED})

# What may follow. A later answer may only give more than the one before it: more data, or the ground that was missing.
NEXT: Mapping[State, frozenset[State]] = {
    State.OPEN: ANSWERS | {State.ACKNOWLEDGED, State.NO_ANSWER, State.REMOVED},
    State.ACKNOWLEDGED: ANSWERS | {State.NO_ANSWER, State.REMOVED},
    State.NO_ANSWER: ANSWERS | {State.REMOVED},
    State.REFUSED_WITHOUT_GROUND: _GIVEN | {State.REFUSED, State.REMOVED},
    State.REFUSED: _GIVEN | {State.REMOVED},
    State.NOT_HELD: _GIVEN | {State.REMOVED},
    State.PARTLY_RELEASED: frozenset({State.RELEASED, State.REMOVED}),
    State.RELEASED: frozenset({State.REMOVED}),
    State.REMOVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What happened at a moment. `by` is public, agency, operator or clock: the audit names people."""

    state: State
    at: datetime
    by: str
    legal_ground: str | None = None
    message: str | None = None
    dataset: str | None = None  # agency/dataset that was released


@dataclass(frozen=True, slots=True)
class DataRequest:
    """`stored` is the state as it was written; `state` is the one at a moment, which the clock may have changed."""

    id: int
    agency_id: int
    agency: str
    dataset: str | None  # agency/dataset that it is about, when it names one
    title: str
    text: str
    stored: State
    asked_at: datetime
    due_at: datetime
    calendar: str
    answered_at: datetime | None  # the first answer
    answered_working_days: int | None
    changed_at: datetime
    steps: tuple[Step, ...]
    contact: str | None = field(default=None, repr=False)  # never shown to anybody

    def state(self, now: datetime) -> State:
        """At the end of the clock it is without an answer, whether or not anybody has written that down yet."""
        return State.NO_ANSWER if self.stored in RUNNING and now >= self.due_at else self.stored

    def history(self, now: datetime) -> tuple[Step, ...]:
        if self.state(now) is self.stored:
            return self.steps
        return (*self.steps, Step(State.NO_ANSWER, self.due_at, "clock"))

    @property
    def is_late(self) -> bool:
        """Whether it was answered, but after the end of the clock."""
        return self.answered_at is not None and self.answered_at >= self.due_at


def refuse_step(request: DataRequest, state: State, now: datetime) -> None:
    """Raises Conflict for what may not follow."""
    present = request.state(now)
    if state not in NEXT[present]:
        allowed = ", ".join(sorted(NEXT[present])) or "nothing"
        raise Conflict(
            f"The request is {present.value}, so it cannot become {state.value}.",
            reason="state",
            hint=f"What may follow: {allowed}.",
        )


def no_such_request() -> NotFound:
    return NotFound("There is no such data request.", hint="GET /api/v1/requests lists them.")
