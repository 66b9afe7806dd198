"""Which columns hold identifiers: what may lose a zero and still look like a number."""

import re

from publicgsb.datasets.contracts.model import Contract, Field, FieldType, Label, TransformKind

DIGITS_EXACT = 15  # what a spreadsheet keeps of a number
_WORDS = re.compile(
    r"(?:^|_)(?:code|codes|id|ids|key|no|nr|num|number|ref|iban|sheba|zip|postal|postcode|phone|mobile|tel|fax|plate"
    r"|serial|isbn|isin|vin|iata|icao|shenase|kod)(?:_|$)"
)
_PERSIAN_WORDS = ("کد", "شناسه", "شماره", "پلاک", "شبا")


def says_code(name: str, label: Label) -> bool:
    """Whether the column's name or a label says that it holds codes; `no_of_rooms` is a count and says it too."""
    told = f" {label.fa} ".replace("\u200c", " ")
    return bool(_WORDS.search(name)) or any(f" {word} " in told for word in _PERSIAN_WORDS)


def is_identifier(contract: Contract, field: Field) -> bool:
    """A text that is a part of a key or of a link, has one width, or is called a code."""
    if field.type is not FieldType.STRING or field.derive:
        return False
    named = {column for key in contract.unique_keys for column in key.fields}
    named |= {column for link in contract.links for column in link.fields}
    rules = field.constraints
    has_one_width = rules.min_length is not None and rules.min_length == rules.max_length
    return field.name in named or has_one_width or _is_padded(field) or says_code(field.name, field.label)


def is_restored(field: Field, text: str) -> bool:
    """Whether a code that went through a number comes back whole: the contract pads it and no digit was rounded."""
    return _is_padded(field) and text.isascii() and text.isdigit() and len(text) <= DIGITS_EXACT


def _is_padded(field: Field) -> bool:
    return any(step.kind is TransformKind.ZERO_PAD for step in field.transforms)
