"""Which columns hold identifiers: what may lose a zero and still look like a number."""

import re

from publicgsb.datasets.contracts.model import Contract, Field, FieldType, Label, TransformKind

DIGITS_EXACT = 15  # what a spreadsheet keeps of a number
_CODES = re.compile(r"(?:^|_)(?:code|codes|id|ids|iata|icao|kod|shenase)(?:_|$)")
_NUMBERS = re.compile(
    r"(?:^|_)(?:key|no|nr|num|number|ref|iban|sheba|zip|postal|postcode|phone|mobile|tel|fax|plate|serial|isbn|isin"
    r"|vin)(?:_|$)"
)
_PERSIAN_CODES = ("کد", "شناسه")
_PERSIAN_NUMBERS = ("شماره", "پلاک", "شبا")


def says_code(name: str, label: Label) -> bool:
    """Whether the column's name or its label says that it holds codes."""
    return bool(_CODES.search(name)) or _says(label, _PERSIAN_CODES)


def _says_number(name: str, label: Label) -> bool:
    """Numbers that nobody adds up; of a count, such as no_of_rooms, a text would not have been made."""
    return bool(_NUMBERS.search(name)) or _says(label, _PERSIAN_NUMBERS)


def _says(label: Label, words: tuple[str, ...]) -> bool:
    told = f" {label.fa} ".replace("\u200c", " ")
    return any(f" {word} " in told for word in words)


def is_identifier(contract: Contract, field: Field) -> bool:
    """A text that is a part of a key or of a link, has one width, or is called a code."""
    if field.type is not FieldType.STRING or field.derive:
        return False
    named = {column for key in contract.unique_keys for column in key.fields}
    named |= {column for link in contract.links for column in link.fields}
    rules = field.constraints
    has_one_width = rules.min_length is not None and rules.min_length == rules.max_length
    is_called_so = says_code(field.name, field.label) or _says_number(field.name, field.label)
    return field.name in named or has_one_width or _is_padded(field) or is_called_so


def is_restored(field: Field, text: str) -> bool:
    """Whether a code that went through a number comes back whole: the contract pads it and no digit was rounded."""
    return _is_padded(field) and text.isascii() and text.isdigit() and len(text) <= DIGITS_EXACT


def _is_padded(field: Field) -> bool:
    return any(step.kind is TransformKind.ZERO_PAD for step in field.transforms)
