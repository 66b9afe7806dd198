"""Who may have a file: by the levels of today, whatever held when it was released."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.datasets.conftest import country_document

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.file_access import check_caller, file_levels, is_anybodys
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, ReleaseRef
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted, Withheld
from publicgsb.platform.kernel.granted import Granted

OPEN, REGISTERED, RESTRICTED, WITHHELD = AccessLevel
COUNTRIES = parse(country_document())
END = 1_000.0


def at(level: AccessLevel, **fields: AccessLevel) -> Contract:
    """The contract at a level, some fields at another."""
    columns = tuple(replace(one, access=fields.get(one.name)) for one in COUNTRIES.fields)
    return replace(COUNTRIES, access=level, fields=columns, legal_ground="IR-FOI-15")


def entry(released: Contract, today: Contract) -> tuple[DatasetEntry, ReleaseRef]:
    columns, now = frozenset(one.name for one in released.released_fields), datetime(2026, 1, 1, tzinfo=UTC)
    release = ReleaseRef(1, 1, 1, released, "t", columns, 2, "", None, now)
    agency = Agency(1, "standards", Label("س", "S"), False, "c@example.org")
    found = DatasetEntry(
        1, agency, "countries", today, DatasetState.ACTIVE, None, release, ((1, release),), {1: release},
        frozenset(), frozenset(), {},
    )  # fmt: skip
    return found, release


ALL_OPEN = {"code": OPEN, "name": OPEN}


@pytest.mark.parametrize(
    ("released", "today", "expected"),
    [
        (at(OPEN), at(OPEN), ALL_OPEN),
        (at(REGISTERED), at(REGISTERED), {"code": REGISTERED, "name": REGISTERED}),
        (at(OPEN, name=RESTRICTED), at(OPEN, name=RESTRICTED), {"code": OPEN}),  # its file has never held that field
        (at(RESTRICTED, code=OPEN), at(RESTRICTED, code=OPEN), {"code": OPEN, "name": RESTRICTED}),
        (at(OPEN), at(OPEN, name=RESTRICTED), {"code": OPEN, "name": RESTRICTED}),  # closed after the release
        (at(OPEN), at(REGISTERED), {"code": REGISTERED, "name": REGISTERED}),
        (at(RESTRICTED), at(OPEN), ALL_OPEN),  # opened after the release
        # Gone by now, and never opened.
        (at(RESTRICTED), replace(at(OPEN), fields=at(OPEN).fields[:1]), {"code": OPEN, "name": RESTRICTED}),
    ],
)
def test_the_columns_of_a_file_have_the_levels_of_today(
    released: Contract, today: Contract, expected: dict[str, AccessLevel]
) -> None:
    assert file_levels(*entry(released, today)) == expected


def test_a_file_with_a_field_that_is_withheld_by_now_is_nobody_s() -> None:
    with pytest.raises(Withheld):
        file_levels(*entry(at(OPEN), at(OPEN, name=WITHHELD)))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (at(OPEN), True),
        (at(REGISTERED), False),
        (at(OPEN, name=REGISTERED), False),
        (at(REGISTERED, code=OPEN, name=OPEN), False),  # its columns are open, that it has records is not
    ],
)
def test_no_key_is_needed_where_all_is_open_today(today: Contract, expected: bool) -> None:
    found, release = entry(at(OPEN), today)
    assert is_anybodys(found, file_levels(found, release)) is expected


@pytest.mark.parametrize(
    ("kind", "columns", "now", "lacking"),
    [
        (KeyKind.LIVE, None, 0.0, None),
        (KeyKind.LIVE, {"code", "name"}, 0.0, None),
        (KeyKind.LIVE, {"code"}, 0.0, ["name"]),
        (KeyKind.LIVE, None, END, ["code", "name"]),
        (KeyKind.TEST, None, 0.0, []),
    ],
)
def test_a_file_is_given_whole_or_not_at_all(
    kind: KeyKind, columns: set[str] | None, now: float, lacking: list[str] | None
) -> None:
    found, release = entry(at(RESTRICTED), at(RESTRICTED))
    right = Granted(None if columns is None else frozenset(columns), END)
    caller = Caller("k", kind, 1, 1, "open", granted={("standards", "countries"): (right,)})
    if lacking is None:
        check_caller(caller, found, file_levels(found, release), now)
        return
    with pytest.raises(NotPermitted) as caught:
        check_caller(caller, found, file_levels(found, release), now)
    assert (caught.value.details["fields"], caught.value.details["dataset"]) == (lacking, "standards/countries")


@pytest.mark.parametrize(
    ("caller", "today", "reason"),
    [
        (Caller("k", KeyKind.TEST, 1, 1, "open"), at(OPEN), None),
        (Caller("k", KeyKind.TEST, 1, 1, "open"), at(REGISTERED), "test_key"),
        (Caller("k", KeyKind.TEST, 1, 1, "open"), at(OPEN, name=REGISTERED), "test_key"),
        (Caller("k", KeyKind.LIVE, 1, 1, "open", levels=frozenset({"open"})), at(OPEN), None),
        (Caller("k", KeyKind.LIVE, 1, 1, "open", levels=frozenset({"open"})), at(REGISTERED), "key_level"),
        (Caller("k", KeyKind.LIVE, 1, 1, "open", only=frozenset({"standards/other"})), at(OPEN), "key_dataset"),
        (Caller("k", KeyKind.AGENCY, 0, 0, ""), at(OPEN), "agency_key"),
    ],
)
def test_what_a_key_is_held_to_holds_for_releases_from_before_it_was_closed(
    caller: Caller, today: Contract, reason: str | None
) -> None:
    found, release = entry(at(OPEN), today)
    if reason is None:
        check_caller(caller, found, file_levels(found, release), 0.0)
        return
    with pytest.raises(NotPermitted) as caught:
        check_caller(caller, found, file_levels(found, release), 0.0)
    assert caught.value.details["reason"] == reason
