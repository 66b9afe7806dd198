"""What may stand in the notes of a release, which everybody reads."""

import pytest

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.notes import LENGTH, read_notes
from publicgsb.platform.kernel.errors import InvalidRequest

FA, EN = "دو شهر افزوده شد", "Two cities were added"


def test_notes_are_in_both_languages_or_not_there() -> None:
    assert read_notes(None, None) is None
    assert read_notes(f" {FA} ", EN) == Label(FA, EN)


@pytest.mark.parametrize(
    ("fa", "en", "reason"),
    [
        (FA, None, "notes"),
        (None, EN, "notes"),
        (FA, "", "notesEn"),
        (FA, "…", "notesEn"),
        ("x" * (LENGTH[1] + 1), EN, "notesFa"),
        (FA, "up\u202edown", "characters"),
        (FA, "Row of 09121234567 was wrong", "personal_data"),
        ("ردیف ۰۹۱۲۱۲۳۴۵۶۷ نادرست بود", EN, "personal_data"),
    ],
)
def test_what_nobody_should_read_is_refused(fa: str | None, en: str | None, reason: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_notes(fa, en)
    assert refused.value.details["reason"] == reason
    assert reason != "personal_data" or "email" not in (refused.value.hint or "")
