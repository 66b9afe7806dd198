"""Every problem of a body is told at once, and no text that lies gets through."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.apikeys.bodies import (
    Registration,
    bulk_request,
    key_request,
    registration,
    revocation_request,
    rotation_request,
)
from publicgsb.apikeys.restrictions import UNRESTRICTED
from publicgsb.apikeys.selection import Selection
from publicgsb.platform.kernel.addresses import read_networks
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.ids import ApplicationId

GOOD = '{"name": " شرکت می‌روم ", "email": "a@example.ir", "purpose": "سفر ارزان"}'


def _problems(body: str) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refusal:
        registration(body.encode())
    return {each["member"]: each["problem"] for each in refusal.value.details["problems"]}


def test_a_persian_name_keeps_its_zero_width_non_joiner_and_loses_outer_spaces() -> None:
    assert registration(GOOD.encode()) == Registration("شرکت می‌روم", "a@example.ir", "سفر ارزان")


def test_all_problems_are_told_in_one_answer() -> None:
    problems = _problems('{"email": "nobody", "purpose": 5, "plan": "approved"}')
    assert problems == {
        "name": "is required",
        "email": "must be an e-mail address",
        "purpose": "must be a string",
        "plan": "is not known here",
    }


@pytest.mark.parametrize("name", ["a\\u0000b", "a\\nb", "a\\u202eb", "a", "x" * 121])
def test_names_that_break_or_deceive_are_refused(name: str) -> None:
    assert set(_problems(GOOD.replace(" شرکت می‌روم ", name))) == {"name"}


@pytest.mark.parametrize(
    "email",
    ["a@b", "@b.ir", "a b@c.ir", "a@b.ir\\u0000", "a@b..ir", "a@b.ir, c@d.ir", "<a@b.ir>", "=?utf-8?q?a=40b.ir?=@c.ir"],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    assert set(_problems(GOOD.replace("a@example.ir", email))) == {"email"}


@pytest.mark.parametrize("mark", ["\\n", "\\u0000", "\\u0085", "\\u2028", "\\u2029", "\\u202e"])
def test_a_name_is_one_line_that_reads_as_it_is_written(mark: str) -> None:
    """It stands in mails to others: whoever chose it must not begin a paragraph there."""
    assert set(_problems(GOOD.replace("شرکت می‌روم", f"Rah{mark}Your account is locked"))) == {"name"}


@pytest.mark.parametrize("body", ["{", "nul", "{} {}", '{"name": "\\ud800"}', "NaN", "[" * 5000])
def test_what_is_not_json_is_refused(body: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        registration(body.encode())
    assert refusal.value.details["reason"] == "not_json"


@pytest.mark.parametrize("body", ["1", "null", "[]", '"x"', "true"])
def test_json_that_is_no_object_is_refused(body: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        registration(body.encode())
    assert refusal.value.details["reason"] == "not_an_object"


@given(st.binary(max_size=200))
def test_any_bytes_are_either_a_registration_or_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        registration(body)


def test_an_empty_body_asks_for_a_live_key_of_a_year() -> None:
    request = key_request(b"")
    assert (request.kind, request.lifetime, request.application_id) == (KeyKind.LIVE, timedelta(days=365), None)


@pytest.mark.parametrize(
    "body",
    [b'{"kind": "agency"}', b'{"kind": []}', b'{"expiresInDays": 0}', b'{"expiresInDays": true}', b'{"label": null}'],
)
def test_a_key_request_out_of_bounds_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        key_request(body)


def test_the_overlap_of_a_rotation_is_that_of_the_installation_unless_said_otherwise() -> None:
    assert rotation_request(b"{}").overlap is None
    assert rotation_request(b'{"overlapHours": 0}').overlap == timedelta(0)


def test_a_revocation_may_give_a_reason() -> None:
    assert revocation_request(b'{"reason": "leaked in a repository"}').reason == "leaked in a repository"


NEW_KEY = {
    "label": "CI",
    "datasets": ["air/airports", "fly/flights"],
    "levels": ["open"],
    "addresses": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"],
}


def test_a_key_may_be_held_to_datasets_levels_and_networks() -> None:
    held = key_request(json.dumps(NEW_KEY).encode()).restrictions
    assert held.datasets == frozenset({"air/airports", "fly/flights"})
    assert held.levels == frozenset({"open"})
    assert held.networks == read_networks(NEW_KEY["addresses"])
    assert key_request(b"{}").restrictions == UNRESTRICTED


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("datasets", []),
        ("datasets", "air/airports"),
        ("datasets", ["airports"]),
        ("datasets", ["Air/airports"]),
        ("datasets", ["air/airports"] * 101),
        ("datasets", [None]),
        ("levels", ["withheld"]),
        ("levels", []),
        ("addresses", ["192.0.2.1/24"]),
        ("addresses", ["example.org"]),
        ("addresses", ["192.0.2.1"] * 33),
        ("addresses", []),
    ],
)
def test_a_restriction_that_says_nothing_exact_is_refused(member: str, value: object) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        key_request(json.dumps(NEW_KEY | {member: value}).encode())
    assert [each["member"] for each in refusal.value.details["problems"]] == [member]


@pytest.mark.parametrize(
    ("body", "selection"),
    [
        ('{"applicationId": 7}', Selection(application_id=ApplicationId(7))),
        ('{"dataset": "air/airports"}', Selection(dataset="air/airports")),
        ('{"issuedBefore": "2026-11-27T03:30:00+03:30"}', Selection(issued_before=datetime(2026, 11, 27, tzinfo=UTC))),
        ('{"all": true}', Selection()),
    ],
)
def test_many_keys_are_named_by_conditions_or_all_of_them_by_word(body: str, selection: Selection) -> None:
    request = bulk_request(body.encode())
    assert (request.selection, request.is_all) == (selection, selection == Selection())


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"all": false}',
        '{"all": 1}',
        '{"all": true, "dataset": "air/airports"}',
        '{"dataset": "airports"}',
        '{"issuedBefore": "2026-11-27"}',
        '{"issuedBefore": 5}',
        '{"applicationId": "7"}',
        '{"keys": ["x"], "all": true}',
    ],
)
def test_what_might_revoke_by_accident_is_refused(body: str) -> None:
    with pytest.raises(InvalidRequest):
        bulk_request(body.encode())


@pytest.mark.parametrize(
    ("body", "members"),
    [
        ('{"issuedBefore": "yesterday"}', ["issuedBefore"]),
        ('{"applicationId": 0, "dataset": "x", "reason": ""}', ["applicationId", "dataset", "reason"]),
        ('{"all": 1}', ["all"]),
        ('{"reason": "closed"}', ["all"]),
    ],
)
def test_a_condition_that_cannot_be_read_is_not_told_as_a_missing_one(body: str, members: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        bulk_request(body.encode())
    assert sorted(problem["member"] for problem in refused.value.details["problems"]) == members
