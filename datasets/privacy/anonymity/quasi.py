"""Which columns describe a person without naming one: as the contract declares, or guessed by what they are called."""

from publicgsb.datasets.contracts.model import Contract, Field, FieldType
from publicgsb.datasets.contracts.privacy_document import QUASI_IDENTIFIERS_MAX
from publicgsb.datasets.privacy.pack import Pack, told_of

# One of these, and the rows may be persons; places alone describe places.
_OF_PERSONS = frozenset({"birth", "age", "sex", "marriage", "schooling", "work", "nationality"})
_COUNTED = frozenset(FieldType) - {FieldType.NUMBER, FieldType.DECIMAL}


def guessed(contract: Contract, pack: Pack) -> tuple[str, ...]:
    """Two columns at least, one of which is about a person; else none."""
    found: dict[str, str] = {}
    for field in contract.released_fields:
        if (meaning := _meaning(field, pack)) is not None and len(found) < QUASI_IDENTIFIERS_MAX:
            found[field.name] = meaning
    is_of_persons = len(found) > 1 and not _OF_PERSONS.isdisjoint(found.values())
    return tuple(found) if is_of_persons else ()


def _meaning(field: Field, pack: Pack) -> str | None:
    if field.type not in _COUNTED:
        return None
    told = told_of(field)
    return next((meaning for meaning, words in pack.quasi_identifiers.items() if words.search(told)), None)
