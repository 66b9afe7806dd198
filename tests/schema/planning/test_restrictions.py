"""What an owner holds a key to is asked of every dataset and every field that a plan touches, before any cache."""

from dataclasses import replace

import pytest
from tests.schema.planning.test_access import (
    ANSWERED,
    LIVE,
    OPEN,
    REGISTERED,
    RESTRICTED,
    ROLES,
    ROLES_OF_PLACES,
    Asked,
    _at,
    _registry,
    _whole,
)

from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.cache import Family
from publicgsb.schema.types.graft import graft, static_schema

EVERYTHING = frozenset(f"pub/{name}" for name in ("things", "owners", "logs", "ties", "places"))
REFUSED_DATASET, REFUSED_LEVEL = "NOT_PERMITTED key_dataset", "NOT_PERMITTED key_level"


@pytest.mark.parametrize(("dataset", "document", "path"), list(_whole()))
def test_a_key_for_other_datasets_reads_nothing_of_one_however_little_is_selected(
    dataset: str, document: str, path: str
) -> None:
    asked = Asked(_at(OPEN), document)
    without = replace(LIVE, only=EVERYTHING - {f"pub/{dataset}"})
    for _ in range(2):  # planned, and found in the cache
        assert (asked.by(without), asked.by(replace(LIVE, only=EVERYTHING))) == (REFUSED_DATASET, ANSWERED)


@pytest.mark.parametrize("role", ROLES)
def test_a_key_for_open_data_reads_no_registered_field_in_any_role(role: str) -> None:
    asked = Asked(_at(REGISTERED, field="secret"), *ROLES[role])
    open_only, both = (replace(LIVE, levels=frozenset(levels)) for levels in (["open"], ["open", "registered"]))
    assert (asked.by(open_only), asked.by(both), asked.by(LIVE)) == (REFUSED_LEVEL, ANSWERED, ANSWERED)


@pytest.mark.parametrize("role", ROLES_OF_PLACES)
def test_near_search_aggregates_and_changes_are_held_to_the_levels_of_the_key(role: str) -> None:
    field, selection = ROLES_OF_PLACES[role]
    asked = Asked(_at(REGISTERED, field=field, dataset="places"), f"{{ pub {{ {selection} }} }}")
    assert asked.by(replace(LIVE, levels=frozenset({"open"}))) == REFUSED_LEVEL


def test_a_key_that_may_read_restricted_data_still_needs_the_right_to_it() -> None:
    asked = Asked(_at(RESTRICTED, field="secret"), *ROLES["selection"])
    held = replace(LIVE, only=EVERYTHING, levels=frozenset({"open", "restricted"}))
    assert asked.by(held) == "NOT_PERMITTED restricted"


def test_the_refusal_names_what_the_key_may_not_read() -> None:
    registry = _registry(_at(REGISTERED, field="secret"))
    plan, _ = Family(graft(registry, static_schema()).core, ROLES["selection"][0], None).plan(registry, {})
    with pytest.raises(NotPermitted) as of_dataset:
        check_access(plan, registry, replace(LIVE, only=frozenset({"pub/logs"})))
    with pytest.raises(NotPermitted) as of_level:
        check_access(plan, registry, replace(LIVE, levels=frozenset({"open"})))
    assert of_dataset.value.details["dataset"] == "pub/things"
    assert of_level.value.details["field"] == "pub/things.secret"
