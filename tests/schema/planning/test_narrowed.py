"""A credential that is narrowed to datasets is held to them in every role that a field can have."""

from dataclasses import replace

import pytest
from tests.schema.planning.test_access import ANSWERED, LIVE, OPEN, ROLES, ROLES_OF_PLACES, TEST, Asked, _at

REFUSED = "NOT_PERMITTED key_dataset"
ALL = frozenset(f"pub/{name}" for name in ("things", "owners", "logs", "ties", "places"))
DOCUMENTS = ROLES | {role: (f"{{ pub {{ {asked} }} }}", {}) for role, (_, asked) in ROLES_OF_PLACES.items()}
BESIDE = {"target of a link": "logs", "target of a link read backward": "logs"}


@pytest.mark.parametrize("role", DOCUMENTS)
def test_every_dataset_of_an_operation_must_be_among_them(role: str) -> None:
    asked = Asked(_at(OPEN), *DOCUMENTS[role])
    looked_at = {"pub/places"} if role in ROLES_OF_PLACES else {"pub/things", f"pub/{BESIDE.get(role, 'things')}"}
    for name in looked_at:
        narrowed = replace(LIVE, only=ALL - {name})
        assert [asked.by(narrowed), asked.by(replace(narrowed, kind=TEST.kind))] == [REFUSED, REFUSED]
    assert (asked.by(replace(LIVE, only=ALL)), asked.by(LIVE)) == (ANSWERED, ANSWERED)


def test_what_touches_no_dataset_is_answered_to_any() -> None:
    nobody = replace(LIVE, only=frozenset())
    assert Asked(_at(OPEN), "{ __typename }").by(nobody) == ANSWERED
    assert Asked(_at(OPEN), "{ pub { things { totalCount } } }").by(nobody) == REFUSED
