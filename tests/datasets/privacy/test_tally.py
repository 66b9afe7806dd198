import pytest

from publicgsb.datasets.privacy import tally as module
from publicgsb.datasets.privacy.tally import Tally, chance_of


def test_small_columns_are_counted_exactly_however_often_a_value_comes() -> None:
    tally = Tally()
    for _ in range(3):
        for key in range(4_000):
            tally.add(key, is_fit=key % 4 == 0)
    assert (tally.distinct, tally.matched) == (4_000, 1_000)


def test_large_columns_are_estimated_within_a_few_percent() -> None:
    tally = Tally()
    for key in range(1_000_000_000, 1_000_200_000):
        tally.add(key, is_fit=key % 10 == 0)
    assert tally.distinct == pytest.approx(200_000, rel=0.1)
    assert tally.matched / tally.distinct == pytest.approx(0.1, rel=0.2)


def test_a_single_fitting_value_is_not_lost_in_a_large_column() -> None:
    tally = Tally()
    for key in range(100_000):
        tally.add(key, is_fit=key == 77_777)
    assert tally.matched == 1


def test_chance_is_the_tail_of_the_binomial_distribution() -> None:
    assert chance_of(1, 1, 0.25) == pytest.approx(0.25)
    assert chance_of(2, 3, 0.5) == 0.5 or chance_of(2, 3, 0.5) == pytest.approx(0.5)
    assert chance_of(0, 10, 0.1) == 1.0
    assert chance_of(7, 8, 0.126) == pytest.approx(3.8e-6, rel=0.1)
    assert chance_of(1, 100_000, 5e-6) == pytest.approx(0.3935, rel=0.01)


def test_a_chance_too_small_for_a_number_is_none_and_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    terms: list[float] = []

    def too_small(power: float) -> float:
        terms.append(power)
        return 0.0

    monkeypatch.setattr(module, "exp", too_small)
    assert chance_of(50_000, 100_000, 1e-6) == 0.0
    assert len(terms) == 1
