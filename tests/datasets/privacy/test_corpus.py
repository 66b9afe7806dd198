"""Recall of each detector over the seeded corpus, and no false alarm in it; `pytest -rP` shows the figures."""

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest
from tests.datasets.privacy import corpus
from tests.datasets.privacy.corpus import Planted

from publicgsb.datasets.contracts.model import FieldType

EACH = 6  # columns per writing
Judge = Callable[..., Any]
Tell = Callable[[str, object], None]


@pytest.fixture
def random() -> Random:
    return Random(5)


@pytest.fixture
def tell() -> Tell:
    """Figures for whoever reads the test's output (`pytest -rP`)."""
    return lambda name, value: print(f"{name}: {value}")


def found(judge: Judge, one: Planted) -> set[str]:
    findings = judge(one.values, name=one.name, type_=one.type)
    return {str(finding.kind) for finding in findings if finding.is_blocking}


def recall(judge: Judge, columns: Iterable[Planted], tell: Tell) -> float:
    """And the writings in which something was missed, for whoever reads a failure."""
    all_, missed = Counter[str](), Counter[str]()
    for one in columns:
        all_[one.writing] += 1
        missed[one.writing] += one.kind not in found(judge, one)
    tell("columns", sum(all_.values()))
    tell("missed", dict(+missed))
    return 1 - sum(missed.values()) / sum(all_.values())


def test_national_ids_are_found_in_every_writing(judge: Judge, people: Any, random: Random, tell: Tell) -> None:
    make = people.national_id
    columns = [
        *corpus.planted("national-id", make, random, EACH),
        *corpus.in_text("national-id", make, random, EACH, context="کد ملی "),
        *corpus.as_numbers("national-id", lambda: people.national_id("0"), random, EACH),
    ]
    assert recall(judge, columns, tell) >= 0.99


def test_mobile_numbers_are_found_in_every_writing(judge: Judge, people: Any, random: Random, tell: Tell) -> None:
    columns = [
        *corpus.planted("mobile", people.mobile, random, EACH),
        *corpus.in_text("mobile", people.mobile, random, EACH),
        *corpus.as_numbers("mobile", people.mobile, random, EACH),
        *corpus.planted("mobile", lambda: "+98" + people.mobile()[1:], random, 1),
    ]
    assert recall(judge, columns, tell) >= 0.99


@pytest.mark.parametrize(("kind", "make"), [("bank-card", "card"), ("sheba", "sheba")])
def test_cards_and_accounts_are_found_in_every_writing_and_alone_in_the_last_row(
    judge: Judge, people: Any, random: Random, kind: str, make: str, tell: Tell
) -> None:
    made = getattr(people, make)
    columns = [
        *corpus.planted(kind, made, random, EACH),
        *corpus.in_text(kind, made, random, EACH),
        *corpus.last_of_many(kind, made, random, EACH),
        *corpus.planted(kind, lambda: made().removeprefix("IR"), random, 1),
    ]
    assert recall(judge, columns, tell) >= 0.99


def test_personal_addresses_of_mail_and_network_are_found(
    judge: Judge, people: Any, random: Random, tell: Tell
) -> None:
    domains = ["gmail.com", "yahoo.com"]

    def mail() -> str:
        return f"{random.choice(['sara', 'ali.r', 'm_k'])}{people.digits(3)}@{random.choice(domains)}"

    def ip() -> str:
        return ".".join(str(random.randrange(1, 255)) for _ in range(4))

    columns = [
        *[Planted("email", "plain", "value", FieldType.STRING, [mail() for _ in range(40)]) for _ in range(20)],
        *corpus.in_text("email", mail, random, EACH),
        *corpus.last_of_many("email", mail, random, EACH),
        *[Planted("ip", "plain", "value", FieldType.STRING, [ip() for _ in range(40)]) for _ in range(20)],
        *corpus.in_text("ip", ip, random, EACH),
    ]
    assert recall(judge, columns, tell) >= 0.99


def test_postal_codes_and_days_of_birth_are_found_where_the_column_says_so(
    judge: Judge, people: Any, random: Random, tell: Tell
) -> None:
    def day(separator: str) -> str:
        year, month = random.choice([1350, 1365, 1988]), random.randrange(1, 13)
        return f"{year}{separator}{month:02d}{separator}{random.randrange(1, 29):02d}"

    def postal() -> str:
        return f"{random.randrange(1, 10)}{people.digits(9)}"

    columns = [
        Planted(kind, writing, name, FieldType.STRING, [make().translate(table) for _ in range(30)])
        for table in ({}, *corpus.SCRIPTS.values())
        for kind, writing, name, make in (
            ("postal-code", "plain", "کد پستی", postal),
            ("postal-code", "plain", "home_postal_code", postal),
            ("birth-date", "hyphens", "birth_date", lambda: day("-")),
            ("birth-date", "slashes", "تاریخ تولد", lambda: day("/")),
            ("birth-date", "bare", "dob", lambda: day("")),
        )
    ]
    assert recall(judge, columns, tell) >= 0.99


def test_nothing_is_found_in_codes_measures_and_words(judge: Judge, random: Random, tell: Tell) -> None:
    columns = list(corpus.harmless(random))
    false = {one.writing: kinds for one in columns if (kinds := found(judge, one))}
    tell("columns", len(columns))
    tell("false alarms", false)
    assert not false
