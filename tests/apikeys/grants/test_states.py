"""The table of steps, exhaustively: what it allows, what it refuses, and what no walk through it can come to."""

from itertools import product

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from publicgsb.apikeys.grants.states import (
    BEGINNING,
    PARTIES,
    TRANSITIONS,
    GrantState,
    Party,
    RequestState,
    Standing,
    Step,
    is_reopened,
    steps_from,
    take,
    told,
)
from publicgsb.platform.kernel.errors import Conflict, NotPermitted

DRAFT, SUBMITTED, CHANGES, VALIDATED, REFUSED, ARCHIVED = RequestState
ACTIVE, OBSOLETE, REVOKED = GrantState
EVERYWHERE = [Standing(request, grant) for request, grant in product(RequestState, (None, *GrantState))]
UNDECIDED = (DRAFT, SUBMITTED, CHANGES)

# What the table must say, written a second time as rules instead of rows.
APPLICANT = {
    Step.EDIT: {DRAFT: DRAFT, CHANGES: CHANGES},
    Step.SUBMIT: {DRAFT: SUBMITTED},
    Step.REPLY: {CHANGES: SUBMITTED},
}
AGENCY = {Step.REQUEST_CHANGES: CHANGES, Step.VALIDATE: VALIDATED, Step.REFUSE: REFUSED}


def expected(standing: Standing, step: Step) -> Standing | None:
    state, grant = standing
    is_live = grant is ACTIVE
    if (
        grant not in (None, ACTIVE)
        or (grant is None and state is VALIDATED)
        or (is_live and state in (REFUSED, ARCHIVED))
    ):
        return None
    if step in APPLICANT:
        to = APPLICANT[step].get(state)
        return Standing(to, grant) if to else None
    if step is Step.WITHDRAW and state in (*UNDECIDED, REFUSED):
        return Standing(VALIDATED, ACTIVE) if is_live else Standing(ARCHIVED)
    if step in AGENCY and state is SUBMITTED:
        if step is Step.VALIDATE:
            return Standing(VALIDATED, ACTIVE)
        return Standing(VALIDATED if is_live and step is Step.REFUSE else AGENCY[step], grant)
    if step is Step.REOPEN and standing == Standing(VALIDATED, ACTIVE):
        return Standing(DRAFT, ACTIVE)
    if step is Step.REVOKE and is_live:
        return Standing(VALIDATED if state is VALIDATED else ARCHIVED, REVOKED)
    return None


@pytest.mark.parametrize("standing", EVERYWHERE, ids=lambda one: f"{one.request}-{one.grant}")
def test_from_each_standing_each_step_leads_where_the_rules_say_or_nowhere(standing: Standing) -> None:
    for step in Step:
        assert TRANSITIONS.get((standing, step)) == expected(standing, step), step


@pytest.mark.parametrize("party", Party)
@pytest.mark.parametrize("step", list(PARTIES))
def test_a_step_is_taken_by_its_own_party_only(step: Step, party: Party) -> None:
    start = next(standing for standing, one in TRANSITIONS if one is step)
    if (party is Party.APPLICANT) == (step in (*APPLICANT, Step.WITHDRAW, Step.REOPEN)):
        assert take(start, step, party) == TRANSITIONS[start, step]
    else:
        with pytest.raises(NotPermitted):
            take(start, step, party)


@pytest.mark.parametrize("standing", EVERYWHERE, ids=lambda one: f"{one.request}-{one.grant}")
def test_a_step_that_does_not_begin_here_is_a_conflict_that_names_those_that_do(standing: Standing) -> None:
    for step, parties in PARTIES.items():
        for party in parties:
            if (standing, step) in TRANSITIONS:
                continue
            with pytest.raises(Conflict) as caught:
                take(standing, step, party)
            possible = [one.value for one in steps_from(standing, party)]
            assert caught.value.details == {"reason": "state", "state": standing.request, "possible": possible}


def test_nobody_opens_a_request_that_there_is() -> None:
    for party in Party:
        with pytest.raises(NotPermitted):
            take(BEGINNING, Step.OPEN, party)


def test_a_standing_is_told_in_words() -> None:
    assert told(Standing(CHANGES)) == "changes requested"
    assert told(Standing(SUBMITTED, ACTIVE)) == "submitted (reopened)"
    assert told(Standing(VALIDATED, REVOKED)) == "validated, its grant revoked"


class AnyWalk(RuleBasedStateMachine):
    """Steps in any order by anybody, beside a count of what was given and taken."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = BEGINNING
        self.given = 0
        self.is_revoked = False
        self.handed_in = False

    @rule(step=st.sampled_from(Step), party=st.sampled_from(Party))
    def step(self, step: Step, party: Party) -> None:
        before = self.standing
        try:
            after = take(before, step, party)
        except (Conflict, NotPermitted):
            assert (before, step) not in TRANSITIONS or party not in PARTIES[step]
            return
        if step is Step.VALIDATE:
            assert before.request is SUBMITTED
            assert party is not Party.APPLICANT
            self.given += 1
        elif before.grant is not after.grant:
            assert (step, after.grant) == (Step.REVOKE, REVOKED)
        self.handed_in |= step is Step.SUBMIT
        self.is_revoked |= step is Step.REVOKE
        self.standing = after

    @precondition(lambda self: any(steps_from(self.standing, one) for one in Party))
    @rule(data=st.data())
    def possible_step(self, data: st.DataObject) -> None:
        party = data.draw(st.sampled_from([one for one in Party if steps_from(self.standing, one)]))
        self.step(data.draw(st.sampled_from(steps_from(self.standing, party))), party)

    @invariant()
    def a_grant_is_there_once_it_was_given_until_it_is_revoked(self) -> None:
        wanted = (REVOKED if self.is_revoked else ACTIVE) if self.given else None
        assert self.standing.grant is wanted

    @invariant()
    def nothing_is_decided_that_was_not_handed_in(self) -> None:
        assert self.handed_in or self.standing.request in (DRAFT, ARCHIVED)

    @invariant()
    def what_is_revoked_stays_so(self) -> None:
        if self.is_revoked:
            assert not any(steps_from(self.standing, party) for party in Party)

    @invariant()
    def refused_is_only_what_was_never_granted(self) -> None:
        assert self.standing.request is not REFUSED or self.given == 0

    @invariant()
    def a_reopening_has_a_grant(self) -> None:
        assert is_reopened(self.standing) == (
            self.given > 0 and not self.is_revoked and self.standing.request in UNDECIDED
        )


TestAnyWalk = AnyWalk.TestCase
