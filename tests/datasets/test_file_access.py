"""What a file needs a grant for: by the levels of today, whatever held when it was released."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.datasets.conftest import country_document

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.file_access import check_grant, needs_grant
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


def needed(released: Contract, today: Contract) -> tuple[str | None, ...]:
    return needs_grant(*entry(released, today))


def entry(released: Contract, today: Contract) -> tuple[DatasetEntry, ReleaseRef]:
    columns, now = frozenset(one.name for one in released.released_fields), datetime(2026, 1, 1, tzinfo=UTC)
    release = ReleaseRef(1, 1, 1, released, "t", columns, 2, "", None, now)
    agency = Agency(1, "standards", Label("س", "S"), False, "c@example.org")
    found = DatasetEntry(
        1, agency, "countries", today, DatasetState.ACTIVE, None, release, ((1, release),), {1: release},
        frozenset(), frozenset(), {},
    )  # fmt: skip
    return found, release


@pytest.mark.parametrize(
    ("released", "today", "expected"),
    [
        (at(OPEN), at(OPEN), ()),
        (at(REGISTERED), at(REGISTERED), ()),
        (at(OPEN, name=RESTRICTED), at(OPEN, name=RESTRICTED), ()),  # its file has never held that field
        (at(RESTRICTED), at(RESTRICTED), (None, "code", "name")),
        (at(RESTRICTED, code=OPEN), at(RESTRICTED, code=OPEN), (None, "name")),
        (at(OPEN), at(OPEN, name=RESTRICTED), ("name",)),  # closed after the release
        (at(OPEN), at(RESTRICTED), (None, "code", "name")),
        (at(RESTRICTED), at(OPEN), ()),  # opened after the release
        (at(RESTRICTED), at(OPEN, name=RESTRICTED), ("name",)),
        (at(RESTRICTED), replace(at(OPEN), fields=at(OPEN).fields[:1]), ("name",)),  # gone by now, and never opened
    ],
)
def test_a_file_needs_a_grant_for_what_is_restricted_today(
    released: Contract, today: Contract, expected: tuple[str | None, ...]
) -> None:
    assert needed(released, today) == expected


def test_a_file_with_a_field_that_is_withheld_by_now_is_nobody_s() -> None:
    with pytest.raises(Withheld):
        needed(at(OPEN), at(OPEN, name=WITHHELD))


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
        check_grant(caller, found, needs_grant(found, release), now)
        return
    with pytest.raises(NotPermitted) as caught:
        check_grant(caller, found, needs_grant(found, release), now)
    assert (caught.value.details["fields"], caught.value.details["dataset"]) == (lacking, "standards/countries")
