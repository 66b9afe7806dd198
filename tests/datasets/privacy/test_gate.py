"""What the gate promises: planted identifiers are blocked however they are written, real codes never are."""

from collections.abc import Callable
from typing import Any

import pytest

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.privacy.detectors import is_national_id

Blocked = Callable[..., set[str]]
Judge = Callable[..., Any]

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
WIDE = {ord("0") + at: chr(0xFF10 + at) for at in range(10)}
WRITINGS: dict[str, Callable[[str], str]] = {
    "ascii": str,
    "persian digits": lambda v: v.translate(PERSIAN),
    "arabic digits": lambda v: v.translate(ARABIC),
    "full-width digits": lambda v: v.translate(WIDE),
    "hyphens": lambda v: f"{v[:3]}-{v[3:-1]}-{v[-1]}",
    "spaces": lambda v: f"{v[:4]} {v[4:]}",
    "slashes": lambda v: f"{v[:4]}/{v[4:]}",
    "joiners": "\u200c".join,
    "tatweel": "\u0640".join,
    "direction marks": lambda v: f"\u200e{v}\u200e",
    "quotes": lambda v: f'"{v}"',
    "in JSON": lambda v: f'{{"national_id": "{v}"}}',
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("kind", ["national-id", "mobile", "bank-card", "sheba"])
def test_a_column_of_identifiers_is_blocked_however_it_is_written(
    people: Any, blocked: Blocked, kind: str, writing: str
) -> None:
    make = {
        "national-id": people.national_id, "mobile": people.mobile, "bank-card": people.card, "sheba": people.sheba
    }[kind]  # fmt: skip
    assert kind in blocked([WRITINGS[writing](make()) for _ in range(20)])


def test_national_ids_that_became_numbers_are_blocked(people: Any, blocked: Blocked) -> None:
    values = [str(int(people.national_id("0"))) for _ in range(200)]
    assert {len(value) for value in values} >= {8, 9}
    assert blocked(values, type_=FieldType.BIGINT) == {"national-id"}
    assert blocked([f"{value}.0" for value in values], type_=FieldType.NUMBER) == {"national-id"}


def test_mobile_numbers_in_every_prefix_are_blocked(people: Any, blocked: Blocked) -> None:
    for prefix in ("0", "+98", "0098", "98", ""):
        assert blocked([prefix + people.mobile()[1:] for _ in range(20)]) == {"mobile"}, prefix


def test_one_account_number_in_three_hundred_thousand_rows_is_found(people: Any, blocked: Blocked) -> None:
    notes = [f"payment {at} of yesterday" for at in range(300_000)]
    notes[299_999] = f"to {people.sheba()} please"
    assert blocked(notes) == {"sheba"}


def test_one_bank_card_in_running_text_is_found(people: Any, blocked: Blocked) -> None:
    card = people.card()
    assert blocked(["nothing", f"کارت {card[:4]}-{card[4:8]}-{card[8:12]}-{card[12:]} بانک"]) == {"bank-card"}


def test_national_ids_in_running_text_are_found_by_the_word_before_them(people: Any, blocked: Blocked) -> None:
    assert blocked([f"آقای نمونه به کد ملی {people.national_id()} ساکن" for _ in range(20)]) == {"national-id"}
    assert blocked([f"order {people.national_id()} shipped" for _ in range(20)]) == set()


@pytest.mark.parametrize("gap", [" - ", " ", "/", "\u200c-\u200c"])
def test_two_numbers_in_one_cell_are_both_seen(people: Any, blocked: Blocked, gap: str) -> None:
    assert blocked([f"{people.mobile()}{gap}{people.mobile()}" for _ in range(20)]) == {"mobile"}
    assert blocked([f"{people.national_id()}{gap}{people.national_id()}" for _ in range(20)]) == {"national-id"}
    assert blocked(["\u200c".join(f"{people.mobile()}{gap}{people.mobile()}") for _ in range(20)]) == {"mobile"}
    assert blocked([f"{people.national_id()}{gap}1370" for _ in range(20)]) == {"national-id"}


def test_a_card_beside_the_month_of_its_end_is_found(people: Any, blocked: Blocked) -> None:
    card = people.card()
    for written in (card, " ".join(card[at : at + 4] for at in range(0, 16, 4))):
        assert blocked(["nothing", f"card {written} 05/28"]) == {"bank-card"}


def test_rows_of_many_small_numbers_are_no_identifiers(people: Any, blocked: Blocked) -> None:
    for width, count in ((1, 30), (2, 12), (3, 9), (4, 8), (4, 400), (7, 3)):
        rows = [" ".join(people.digits(width) for _ in range(count)) for _ in range(60)]
        assert blocked(rows) == set(), (width, count)


def test_a_word_beside_the_number_hides_nothing_in_a_column_that_is_called_so(people: Any, blocked: Blocked) -> None:
    values = [f"NID {people.national_id()}" for _ in range(20)]
    assert blocked(values, name="national_id") == {"national-id"}
    assert blocked(values) == set()


def test_a_column_half_full_of_ids_is_mixed_and_blocked(people: Any, judge: Judge) -> None:
    values = [people.national_id() for _ in range(60)] + [people.digits(10) for _ in range(60)]
    (finding,) = [f for f in judge(values) if f.kind == "national-id"]
    assert finding.verdict == "mixed"
    assert finding.is_blocking


def test_few_values_are_enough_where_the_name_says_what_they_are(people: Any, blocked: Blocked) -> None:
    values = [people.national_id() for _ in range(3)]
    assert blocked(values) == set()
    for name in ("national_code", "کد ملی مدیر", "کد\u200cملی"):
        assert blocked(values, name=name) == {"national-id"}


def test_a_few_ids_among_other_values_have_to_be_looked_at_where_the_name_says_so(people: Any, judge: Judge) -> None:
    values = [people.national_id() for _ in range(20)] + [str(10**9 + 11 * at) for at in range(60)]
    values = values[:20] + [value for value in values[20:] if not is_national_id(value)]
    (finding,) = [f for f in judge(values, name="national_id") if f.kind == "national-id"]
    assert 0.13 < finding.pass_rate < 0.3
    assert finding.verdict == "mixed"
    assert not any(f.is_blocking for f in judge(values))


def test_a_finding_counts_and_names_the_law_and_shows_no_value(people: Any, judge: Judge) -> None:
    values = [people.national_id() for _ in range(100)]
    (finding,) = [f for f in judge(values) if f.is_blocking]
    assert (finding.distinct, finding.matched, finding.legal_basis) == (100, 100, "IR-PD-4.3")
    assert "100" in finding.message.en
    assert "withheld" in finding.proposal.fa
    assert not any(value in str(finding) for value in values)


def villages(people: Any) -> list[str]:
    """Province, county, district, rural district and serial, as the Statistical Centre writes 16 digits."""
    return [
        f"{p:02d}{c:02d}{people.random.randrange(1, 9):02d}{people.random.randrange(1, 9):04d}{serial:06d}"
        for serial, (p, c) in enumerate(
            ((people.random.randrange(31), people.random.randrange(1, 30)) for _ in range(20_000)), start=1_001
        )
    ]


def test_village_codes_are_never_blocked(people: Any, blocked: Blocked) -> None:
    codes = villages(people)
    assert blocked(codes) == set()
    assert blocked([str(int(code)) for code in codes]) == set()


def test_city_and_district_codes_of_ten_digits_are_never_blocked(people: Any, blocked: Blocked) -> None:
    codes = sorted({code[:10] for code in villages(people)})
    assert len(codes) > 1_000
    assert blocked(codes) == set()
    assert blocked([str(int(code)) for code in codes]) == set()
    assert blocked(codes[:9]) == set()


@pytest.mark.parametrize(
    "column",
    [
        [str(1_700_000_000 + 60 * at) for at in range(5_000)],
        [str(10_000_000 + at) for at in range(5_000)],
        [f"{2000 + at // 365}-{at % 12 + 1:02d}-{at % 28 + 1:02d}" for at in range(5_000)],
        [f"{2000 + at % 26}{at % 12 + 1:02d}{at % 28 + 1:02d}" for at in range(5_000)],
        [f"{29 + at / 7919:.7f}" for at in range(5_000)],
        [f"-{71 + at / 7919:.9f}" for at in range(5_000)],
        [f"2013-{at % 12 + 1:02d}-01T{at % 24:02d}:00:00Z" for at in range(5_000)],
        [f"N{at}UA" for at in range(5_000)],
        [f"021{88_000_000 + 37 * at}" for at in range(5_000)],
        [f"{at} Main St, 12345-6789" for at in range(5_000)],
        [f"10{100_000_000 + 7 * at}" for at in range(5_000)],
    ],
    ids=[
        "timestamps", "serials", "dates", "numeric dates", "latitudes", "longitudes", "moments", "tail numbers",
        "landlines", "addresses", "legal persons",
    ],
)  # fmt: skip
def test_columns_as_of_flights_airports_and_registers_are_never_blocked(column: list[str], blocked: Blocked) -> None:
    assert blocked(column) == set()


def test_columns_of_random_codes_of_any_length_are_never_blocked(people: Any, blocked: Blocked) -> None:
    for length in (8, 9, 10, 11, 12, 14, 16, 24):
        for count in (8, 20, 100, 1_000):
            assert blocked([people.digits(length) for _ in range(count)]) == set(), (length, count)


def test_postal_codes_of_the_north_east_are_not_taken_for_mobile_numbers(people: Any, blocked: Blocked) -> None:
    codes = ["91" + people.digits(8) for _ in range(500)]
    assert blocked(codes, name="postal_code") == {"postal-code"}
