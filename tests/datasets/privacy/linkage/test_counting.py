"""What joining a new table with other agencies' releases tells: counted by SQL, held against counting by hand."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import pytest

from publicgsb.datasets.privacy.linkage.model import Linkage
from publicgsb.datasets.releases.model import Outcome

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Release = Callable[..., Awaitable[Outcome]]
Rows = list[list[str]]


def column(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "label": {"fa": name, "en": name}, **more}


def hospitals(**changes: Any) -> dict[str, Any]:
    return {
        "agency": "welfare", "dataset": "hospitals", "recordName": "Hospital", "primaryKey": ["code"], "orderings": [],
        "fields": [column("code", filters=["eq"]), column("county"), column("beds")], **changes,
    }  # fmt: skip


def patients(**changes: Any) -> dict[str, Any]:
    link = {"name": "hospitalRecord", "fields": ["hospital"], "to": "welfare/hospitals", "toFields": ["code"]}
    return {
        "agency": "health", "dataset": "patients", "recordName": "Patient", "primaryKey": None, "orderings": [],
        "fields": [column("sex"), column("age_group"), column("hospital"), column("illness")],
        "links": [{**link, "label": {"fa": "بیمارستان", "en": "Hospital"}}],
        "privacy": {"quasiIdentifiers": ["sex", "age_group"]}, **changes,
    }  # fmt: skip


def told(outcome: Outcome) -> tuple[Linkage, ...]:
    assert outcome.release is not None, outcome.report.as_table()
    assert outcome.report.privacy is not None and outcome.report.privacy.linkage is not None
    return outcome.report.privacy.linkage


def by_hand(rows: Rows, hospital_rows: Rows) -> tuple[int, int, int, dict[str, int]]:
    """Unique before, after, one to one, and what each column adds."""
    known = {row[0]: row[1:] for row in hospital_rows}
    before = Counter((sex, age) for sex, age, _, _ in rows)
    after = Counter((sex, age, *known.get(hospital, ("", ""))) for sex, age, hospital, _ in rows)
    stays = Counter(hospital for _, _, hospital, _ in rows if hospital in known)
    single = {}
    for at, name in enumerate(("county", "beds")):
        groups = Counter((sex, age, known.get(hospital, ("", ""))[at]) for sex, age, hospital, _ in rows)
        single[name] = sum(n == 1 for n in groups.values())
    unique = sum(n == 1 for n in before.values())
    adds = {name: n - unique for name, n in single.items()}
    return unique, sum(n == 1 for n in after.values()), sum(n == 1 for n in stays.values()), adds


@pytest.mark.parametrize("seed", range(3))
async def test_rows_that_become_unique_are_counted_as_by_hand(
    declare: Declare, country: Documents, release: Release, seed: int
) -> None:
    random = Random(seed)
    hospital_rows = [[f"h{at}", f"c{at % 9}", str(at % 4 * 100)] for at in range(30)]
    rows = [
        [random.choice("fm"), random.choice("123"), f"h{random.randrange(33)}", random.choice("ab")] for _ in range(150)
    ]
    await declare(country(**hospitals()))
    await release("welfare/hospitals", [["code", "county", "beds"], *hospital_rows])
    await declare(country(**patients()))
    (one,) = told(await release("health/patients", [["sex", "age_group", "hospital", "illness"], *rows]))
    before, after, one_to_one, adds = by_hand(rows, hospital_rows)
    assert (one.dataset, one.via, one.shared) == ("welfare/hospitals", "link", (("hospital", "code"),))
    assert (one.rows, one.matched) == (150, sum(row[2] in {h[0] for h in hospital_rows} for row in rows))
    assert (one.unique_before, one.unique_after, one.one_to_one) == (before, after, one_to_one)
    assert dict(one.by) == {name: n for name, n in adds.items() if n > 0}
    assert one.become_unique > 0


async def test_fields_that_are_called_alike_join_too(declare: Declare, country: Documents, release: Release) -> None:
    members = {
        "agency": "welfare", "dataset": "members", "recordName": "Member", "primaryKey": None, "orderings": [],
        "fields": [column("sex"), column("age_group"), column("firm")],
    }  # fmt: skip
    await declare(country(**members))
    await release("welfare/members", [["sex", "age_group", "firm"], ["f", "1", "x"], ["m", "1", "y"], ["m", "1", "z"]])
    await declare(country(**patients(links=[])))
    rows = [["f", "1", "h1", "a"]] * 5 + [["m", "1", "h1", "b"]] * 5
    (one,) = told(await release("health/patients", [["sex", "age_group", "hospital", "illness"], *rows]))
    assert (one.dataset, one.via, one.shared) == (
        "welfare/members",
        "name",
        (("sex", "sex"), ("age_group", "age_group")),
    )
    assert (one.matched, one.one_to_one, one.become_unique) == (10, 0, 0)


async def test_an_agency_s_own_tables_and_tables_about_nobody_are_not_compared(
    declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country(**hospitals(agency="health")))
    await release("health/hospitals", [["code", "county", "beds"], ["h1", "c1", "10"]])
    link = {**patients()["links"][0], "to": "health/hospitals"}
    await declare(country(**patients(links=[link])))
    rows: Sequence[list[str]] = [["f", "1", "h1", "a"]] * 5
    assert told(await release("health/patients", [["sex", "age_group", "hospital", "illness"], *rows])) == ()
    await declare(country())
    outcome = await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    assert outcome.report.privacy is not None and outcome.report.privacy.linkage is None


async def test_what_is_told_of_a_join_holds_no_value(declare: Declare, country: Documents, release: Release) -> None:
    await declare(country(**hospitals()))
    await release("welfare/hospitals", [["code", "county", "beds"], ["secretcode", "secretcounty", "7777"]])
    await declare(country(**patients()))
    rows = [["f", "1", "secretcode", "a"]] * 5
    outcome = await release("health/patients", [["sex", "age_group", "hospital", "illness"], *rows])
    assert told(outcome)[0].matched == 5
    assert "secret" not in str(outcome.report.as_json()) and "7777" not in str(outcome.report.as_json())


@pytest.mark.parametrize(
    ("of_dataset", "of_key"),
    [
        ({"access": "restricted", "legalGround": "x"}, {}),
        ({"access": "registered"}, {}),
        ({}, {"access": "registered"}),
    ],
)
async def test_what_not_everybody_may_read_is_not_joined_with(
    declare: Declare, country: Documents, release: Release, of_dataset: dict[str, str], of_key: dict[str, str]
) -> None:
    there = [column("code", filters=["eq"], **of_key), column("county"), column("beds")]
    await declare(country(**hospitals(fields=there, **of_dataset)))
    await release("welfare/hospitals", [["code", "county", "beds"], ["h1", "c1", "10"]])
    await declare(country(**patients()))
    rows = [["f", "1", "h1", "a"]] * 5
    assert told(await release("health/patients", [["sex", "age_group", "hospital", "illness"], *rows])) == ()


async def test_a_closed_field_of_an_open_table_adds_nothing(
    declare: Declare, country: Documents, release: Release
) -> None:
    there = [column("code", filters=["eq"]), column("county"), column("beds", access="restricted", legalGround="x")]
    await declare(country(**hospitals(fields=there)))
    await release("welfare/hospitals", [["code", "county", "beds"], ["h1", "c", "10"], ["h2", "c", "20"]])
    await declare(country(**patients()))
    rows = [["f", "1", "h1", "a"]] * 5 + [["f", "1", "h2", "a"]]
    (one,) = told(await release("health/patients", [["sex", "age_group", "hospital", "illness"], *rows]))
    assert (one.matched, one.become_unique, one.by) == (6, 0, ())
