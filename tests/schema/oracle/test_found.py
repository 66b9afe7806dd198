"""What the oracle found once, kept beside it in the smallest form that showed it."""

from typing import Any

import pytest

from tests.schema.oracle.oracle import Oracle


@pytest.mark.parametrize(
    "document",
    [
        '{ edu { school(by: {badge: "ب0"}, release: 1) { code } } }',  # a key that the release lacks
        "{ edu { schools(release: 1) { nodes { twin { code } twins { totalCount } badge } } } }",
        "{ edu { schools(release: 1) { nodes { exams { totalCount } } } } }",  # linked to before it was released
        "{ geo { provinces { nodes { register { title } } } } }",  # a link to what was withdrawn
        '{ edu { schools(where: {updatedAt: {gt: "2026-01-02T08:30:00.1Z"}}) { nodes { updatedAt } } } }',
        "{ edu { schools(where: {registryNo: {lt: -9007199254740993}}) { nodes { registryNo } } } }",
        '{ edu { schools(where: {founded: {eq: "9999-12-31"}}) { totalCount } } }',  # "open end"; no infinity
        '{ edu { schools(where: {founded: {in: ["0001-01-01", "9999-12-31"]}}) { nodes { founded } } } }',
        '{ old { register(by: {code: "r2"}) { provinces(first: 0) { totalCount } } } }',  # nothing of it is read
        "query($b: Boolean = true) { edu { schools { nodes { code name @include(if: $b) @skip(if: true) } } } }",
        "{ edu { examsChanges(since: 1) { nodes { before { writers { nodes { name } } } } } } }",  # not yet there then
        "{ edu { examsChanges(since: 1) { nodes { after { writers { nodes { name } } } } edges { cursor } } } }",
        "{ geo { provincesAggregate(groupBy: [POPULATION]) { groups { min { area } max { area } } } } }",  # 10.5, 10.50
        "{ edu { schoolsAggregate(orderBy: AVG_RATING_ASC) { totalGroups } } }",  # one group has no order
        '{ edu { schools(where: {name: {contains: "\\u00a0\\u0018¤\\u0002FC#"}}) { totalCount } } }',  # in no value
        '{ geo { placesChanges(since: 3) { added } places(release: "2026-01-09", search: "تهران") { totalCount } } }',
    ],
)
def test_a_question_across_releases_is_answered(oracle: Oracle, document: str) -> None:
    assert oracle.check(document, {"b": None} if "$b" in document else {}) == "answered"


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ('query($b: EduSchoolBy = {code: "0001"}) { edu { school(by: $b) { code } } }', {"b": None}),
        ("query($b: Boolean = true) { edu { schools { nodes { code @skip(if: $b) } } } }", {"b": None}),
        ("query($b: Boolean = true) { edu { ... @include(if: $b) { schools { totalCount } } } }", {"b": None}),
        (
            'query($c: String = "07") { old { register(by: {code: "r1"}) { provinces(where: {code: {in: ["01", $c]}})'
            " { totalCount } } } }",
            {"c": None},
        ),
        ('query($s: String = "edu") { agency(slug: $s) { slug } }', {"s": None}),
        ("query($d: Boolean = true) { rateLimit(dryRun: $d) { cost } edu { schools { totalCount } } }", {"d": None}),
        ("{ edu { schools(release: 1, orderBy: BADGE_ASC) { nodes { code } } } }", {}),
        ("query($r: Release = 2) { geo { placesChanges(since: $r) { removed } } }", {"r": None}),
        ('{ edu { wagesChanges(since: 1, after: "") { nodes { after { bonus } } } } }', {}),  # and it is restricted
    ],
)
def test_a_null_in_the_place_of_a_value_is_refused_and_breaks_nothing(
    oracle: Oracle, document: str, variables: dict[str, Any]
) -> None:
    assert oracle.check(document, variables) == "refused"


@pytest.mark.parametrize("order", ["FOUNDED", "UPDATED_AT", "RATING", "BUDGET", "IS_PUBLIC", "BY_PROVINCE"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_a_walk_goes_on_after_records_without_a_value_and_after_the_last_day_there_is(
    oracle: Oracle, order: str, direction: str
) -> None:
    page = "nodes { code founded } pageInfo { endCursor hasNextPage hasPreviousPage }"
    document = (
        f"query($a: String) {{ edu {{ schools(first: 1, after: $a, orderBy: {order}_{direction}) {{ {page} }} }} }}"
    )
    after, seen = None, []
    for _ in range(40):
        assert oracle.check(document, {"a": after}) == "answered"
        found = oracle.compiled(document, {"a": after}).data["edu"]["schools"]
        seen += [node["code"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 33


def test_whether_a_change_precedes_a_page_is_exact_under_another_condition_than_the_cursors(oracle: Oracle) -> None:
    first = "{ edu { examsChanges(since: 1, first: 1) { pageInfo { endCursor } } } }"
    assert oracle.check(first) == "answered"
    after = oracle.compiled(first, {}).data["edu"]["examsChanges"]["pageInfo"]["endCursor"]
    document = """query($a: String, $c: String!) { edu { examsChanges(
        since: 1, first: 1, after: $a, where: {schoolCode: {eq: $c}}) { pageInfo { hasPreviousPage } } } }"""
    for code, wanted in (("0000", True), ("0003", False)):
        assert oracle.check(document, {"a": after, "c": code}) == "answered"
        page = oracle.compiled(document, {"a": after, "c": code}).data["edu"]["examsChanges"]["pageInfo"]
        assert page["hasPreviousPage"] is wanted


def test_counts_that_come_to_too_many_points_are_refused_on_both_sides(oracle: Oracle) -> None:
    exams = "exams { a: totalCount(exact: true) b: totalCount(exact: true) estimatedCount }"
    assert oracle.check(f"{{ edu {{ schools(first: 80) {{ nodes {{ {exams} }} }} }} }}") == "answered"
    assert oracle.check(f"{{ edu {{ schools(first: 100) {{ nodes {{ {exams} }} }} }} }}") == "refused"
