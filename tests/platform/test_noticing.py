"""The mail that goes with an announced break."""

from typing import Any

from publicgsb.platform.server.noticing import breaking_announced

TOLD: dict[str, Any] = {
    "dataset": "aviation/airports",
    "contractVersion": "1.2.0",
    "nextVersion": "2.0.0",
    "successor": "aviation/airports_v2",
    "sunsetOn": "2027-03-20",
    "breaks": ["the field elevation is gone"],
    "touchedFields": ["elevation"],
    "applications": [
        {"id": 1, "name": "Maps", "fields": ["elevation"], "requests": 3, "lastOn": "2026-11-27"},
        {"id": 2, "name": "Timetable", "fields": [], "requests": 3, "lastOn": "2026-11-27"},
    ],
}


def test_it_names_their_applications_the_last_day_and_what_comes_instead() -> None:
    subject, text = breaking_announced(TOLD)
    assert "aviation/airports" in subject and "2027-03-20" in subject
    for part in text.split("\n\n"):  # in both languages
        assert "Maps (elevation); Timetable" in part
        assert "2027-03-20" in part and "aviation/airports_v2" in part
        assert "the field elevation is gone" in part


def test_without_notice_it_says_that_the_next_release_changes_it() -> None:
    _, text = breaking_announced(TOLD | {"successor": None, "sunsetOn": None})
    assert "From its next release on it is under contract 2.0.0." in text
