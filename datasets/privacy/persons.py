"""What is told about persons without a number: their dates of birth and their names."""

import re
from collections.abc import Sequence
from zlib import crc32

from publicgsb.datasets.contracts.model import Field, FieldType
from publicgsb.datasets.formats.batches import BATCH_ROWS
from publicgsb.datasets.ingest import persian
from publicgsb.datasets.privacy.model import Form, Kind
from publicgsb.datasets.privacy.pack import Pack
from publicgsb.datasets.privacy.tally import Tally

# A day of any calendar; a year alone is none (it may be published).
_DAY = re.compile(r"(?:1[23]\d\d|14\d\d|19\d\d|20\d\d)([-/.])?(?:0?[1-9]|1[0-2])(?(1)\1)(?:0?[1-9]|[12]\d|3[01])")
_DAY_FIRST = re.compile(r"(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|1[0-2])\1(?:1[23]\d\d|14\d\d|19\d\d|20\d\d)")
_LOOKED_AT = 64  # values of a batch, or of as many of a larger one


class BirthGate:
    """Of a column that its name calls one of births."""

    def __init__(self) -> None:
        self.tallies: dict[Form, Tally] = {Form.BIRTH_DATE: Tally()}
        self.in_text: set[Form] = set()

    def observe(self, values: Sequence[str]) -> None:
        days = [persian.digits(value).strip() for value in values]
        named = [crc32(day.encode()) for day in days if _DAY.match(day)]
        # Where the day comes first, a prefix would leave the day and take the year.
        day_first = [crc32(day.encode()) for day in days if _DAY_FIRST.match(day)]
        if day_first:
            self.in_text.add(Form.BIRTH_DATE)
        self.tallies[Form.BIRTH_DATE].add_all([crc32(day.encode()) for day in days], named + day_first)


class NameGate:
    """Of a column of text: two words, the last with the ending of a surname; any word where the name says so."""

    def __init__(self, field: Field, pack: Pack) -> None:
        self.tallies: dict[Form, Tally] = {Form.PERSON_NAME: Tally()}
        self.in_text: set[Form] = set()
        endings = "|".join(sorted(pack.lists["surnameEndings"], key=len, reverse=True))
        letters = r"[^\W\d_]"
        self._pattern = re.compile(
            rf"{letters}{{2,}}.*"
            if pack.is_called(Kind.PERSON_NAME, field)
            else rf"{letters}{{2,}}[ \u200c].*?(?:{endings})"
        )

    def observe(self, values: Sequence[str]) -> None:
        """Some of each batch: names warn and never block, and a share is all that is asked of them."""
        values = values[:: max(1, min(len(values), BATCH_ROWS) // _LOOKED_AT)]
        keys = [crc32(value.encode()) for value in values]
        fitting = [
            key for key, value in zip(keys, values, strict=True) if len(value) <= 64 and self._pattern.fullmatch(value)
        ]
        self.tallies[Form.PERSON_NAME].add_all(keys, fitting)


def is_of_births(field: Field, pack: Pack) -> bool:
    """Whether it could hold days and is called so."""
    return field.type in _DATED and pack.is_called(Kind.BIRTH_DATE, field)


_DATED = frozenset({FieldType.STRING, FieldType.DATE, FieldType.DATETIME, FieldType.INTEGER, FieldType.BIGINT})
