"""The notes of a release: what is new in it, in the agency's own words, in both languages. Everybody reads them."""

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.requests.words import check_words
from publicgsb.platform.kernel.errors import InvalidRequest

LENGTH = (3, 1_000)


def read_notes(fa: str | None, en: str | None) -> Label | None:
    """None for a release without. Raises InvalidRequest for one language alone, and for what nobody should read."""
    if fa is None and en is None:
        return None
    if fa is None or en is None:
        raise InvalidRequest(
            "The notes of a release are in Persian and in English.",
            reason="notes",
            hint="Say it in both: notesFa and notesEn (--notes-fa and --notes-en), or leave both out.",
        )
    hint = "Say what changed in the data, without saying whom it is about."
    return Label(check_words("notesFa", fa, LENGTH, hint), check_words("notesEn", en, LENGTH, hint))


def notes_of(row_fa: str | None, row_en: str | None) -> Label | None:
    """As they are stored: both, or neither."""
    return Label(row_fa, row_en) if row_fa is not None and row_en is not None else None
