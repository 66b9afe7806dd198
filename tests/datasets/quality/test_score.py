"""The data score is the sum of five parts that say what was counted and what would raise them."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.datasets.conftest import column, country_document
from tests.datasets.quality.conftest import PUBLISHED, entry_of

from publicgsb.datasets.contracts.model import AccessLevel, Cadence
from publicgsb.datasets.quality.model import Counted
from publicgsb.datasets.quality.score import PROMISED_DAYS, WEIGHTS, DataScore, Part, PartName, Uncounted, data_score
from publicgsb.datasets.quality.wording import counted, raised_by
from publicgsb.datasets.registry import DatasetEntry, LinkRate

DAY = PUBLISHED.date()


def scored(entry: DatasetEntry, today: date = DAY) -> DataScore:
    found = data_score(entry, today)
    assert found is not None
    return found


def part(entry: DatasetEntry, name: PartName, today: date = DAY) -> Part:
    return next(one for one in scored(entry, today).parts if one.name is name)


def test_an_example_counted_by_hand() -> None:
    """4 rows of 2 fields with one empty cell; one cell of 8 put right; one link of 3 of 4, one of 1 of 2; yearly and
    122 days late of 366.
    """
    entry = entry_of(rates={"a": LinkRate(4, 3), "b": LinkRate(2, 1)})
    found = scored(entry, DAY + timedelta(days=366 + 122))
    assert [one.tenths / 10 for one in found.parts] == [
        26.2,  # 30 × 7/8 = 26.25
        17.5,  # 20 × 7/8
        15.0,  # the key is proved
        9.3,  # 15 × (3/4 + 1/2) / 2 = 9.375
        13.3,  # 20 × 2/3 = 13.33…
    ]
    assert found.value == 81.3


def test_the_weights_are_a_hundred_points() -> None:
    assert sum(WEIGHTS.values()) == 100 and set(WEIGHTS) == set(PartName)


shares = st.fractions(0, 1, max_denominator=10**9)


@given(st.lists(shares, min_size=5, max_size=5), st.sampled_from(range(5)), shares)
def test_whatever_raises_a_part_never_lowers_the_score(found: list[Fraction], at: int, other: Fraction) -> None:
    def score(all_: list[Fraction]) -> DataScore:
        return DataScore(tuple(Part(name, Uncounted(share)) for name, share in zip(PartName, all_, strict=True)))

    raised = [max(share, other) if i == at else share for i, share in enumerate(found)]
    assert score(raised).value >= score(found).value
    assert 0 <= score(found).value <= 100


@given(
    filled=st.integers(0, 1000),
    put_right=st.integers(0, 2000),
    matched=st.integers(0, 1000),
    late=st.integers(-400, 1000),
)
def test_the_parts_explain_the_sum_and_each_that_is_not_full_says_what_would_raise_it(
    filled: int, put_right: int, matched: int, late: int
) -> None:
    counted = Counted({"code": 1000, "name": filled}, 2000, put_right)
    entry = entry_of(rows=1000, counted=counted, rates={"a": LinkRate(1000, matched)})
    found = scored(entry, DAY + timedelta(days=366 + late))
    assert round(sum(one.tenths for one in found.parts)) == round(found.value * 10)
    assert all((raised_by(one) is None) is (one.share == 1) for one in found.parts)
    assert all((one.tenths == one.weight * 10) is (one.share == 1) for one in found.parts)


@given(st.integers(0, 999), st.integers(0, 1000), st.integers(0, 365), st.integers(0, 2000))
def test_a_fuller_a_better_linked_and_a_fresher_dataset_never_scores_less(
    filled: int, matched: int, sooner: int, days: int
) -> None:
    def score(filled: int, matched: int, days: int) -> float:
        counted = Counted({"code": 1000, "name": filled}, 2000, 0)
        entry = entry_of(rows=1000, counted=counted, rates={"a": LinkRate(1000, matched)})
        return scored(entry, DAY + timedelta(days=days)).value

    base = score(filled, matched, days)
    assert score(filled + 1, matched, days) >= base
    assert score(filled, min(1000, matched + 1), days) >= base
    assert score(filled, matched, max(0, days - sooner)) >= base


@pytest.mark.parametrize("cadence", PROMISED_DAYS)
def test_timeliness_is_full_until_the_promised_day_and_gone_as_long_after(cadence: Cadence) -> None:
    entry, days = entry_of(country_document(cadence=cadence.value)), PROMISED_DAYS[cadence]
    shares = [part(entry, PartName.TIMELINESS, DAY + timedelta(days=n)).share for n in (0, days, days + 1, 2 * days)]
    assert shares == [1, 1, 1 - Fraction(1, days), 0]
    told = raised_by(part(entry, PartName.TIMELINESS, DAY + timedelta(days=2 * days)))
    assert told is not None and f"{days:,} days late" in told.en


def test_what_promises_no_time_earns_nothing_for_it_and_what_is_finished_is_never_late() -> None:
    never = part(entry_of(country_document(cadence="irregular")), PartName.TIMELINESS)
    once = part(entry_of(country_document(cadence="once")), PartName.TIMELINESS, date(2040, 1, 1))
    assert never.share == 0 and once.share == 1
    told = raised_by(never)
    assert told is not None and "Promise a cadence" in told.en


def test_the_day_is_that_of_universal_time() -> None:
    """Released at 22:00 UTC: in Tehran it was the day after."""
    daily = entry_of(country_document(cadence="daily"))
    assert part(daily, PartName.TIMELINESS, datetime(2026, 11, 2, tzinfo=UTC).date()).share == 1
    assert part(daily, PartName.TIMELINESS, datetime(2026, 11, 3, tzinfo=UTC).date()).share == 0


def test_a_dataset_without_a_key_earns_nothing_for_it() -> None:
    found = part(entry_of(country_document(primaryKey=None, orderings=None)), PartName.KEYS)
    assert found.share == 0 and raised_by(found) is not None


def test_a_dataset_without_links_is_judged_by_the_best_that_leads_to_it() -> None:
    linked = {"a/b.c": LinkRate(4, 1), "a/d.e": LinkRate(10, 9), "a/f.g": LinkRate(0, 0)}
    found = part(entry_of(linked_from=linked), PartName.LINKS)
    assert found.share == Fraction(9, 10) and "a/d.e" in counted(found).en
    assert part(entry_of(), PartName.LINKS).share == 0


def test_the_emptiest_fields_are_named_first() -> None:
    document = country_document(fields=[column(name) for name in ("code", "name", "a", "b", "c")])
    entry = entry_of(document, counted=Counted({"code": 4, "name": 3, "a": 1, "b": 4, "c": 2}, 20, 0))
    told = raised_by(part(entry, PartName.COMPLETENESS))
    assert told is not None and told.en == "Fill these fields: a (3 empty), c (2 empty), name (1 empty)."


def test_what_is_restricted_in_an_open_dataset_says_nothing_in_its_score() -> None:
    fields = [column("code"), column("name", access="restricted", legalGround="IR-FOI-13")]
    full, empty = (
        part(entry_of(country_document(fields=fields, orderings=None), counted=Counted({"code": 4, "name": n}, 8, 0)),
             PartName.COMPLETENESS)
        for n in (4, 0)
    )  # fmt: skip
    assert full == empty and full.share == 1


def test_of_a_restricted_dataset_no_field_is_named() -> None:
    document = country_document(access=AccessLevel.RESTRICTED.value, legalGround="IR-FOI-13")
    told = raised_by(part(entry_of(document), PartName.COMPLETENESS))
    assert told is not None and "name" not in told.en


def test_what_is_not_served_has_no_score_and_what_was_not_counted_no_points_for_it() -> None:
    assert data_score(entry_of(is_released=False), DAY) is None
    found = part(entry_of(counted=None), PartName.COMPLETENESS)
    assert found.share == 0 and "not been counted" in counted(found).en
