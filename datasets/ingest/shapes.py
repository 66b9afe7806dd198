"""What a cell looks like, without saying what stands in it."""

_LENGTH_MAX = 32
_SHOWN = frozenset(" -_.,:;/\\+()[]{}#*@%&=!?'\"|<>~^$`،؛٫٬")


def shape(text: str) -> str:
    """Digits of every script become 9, letters a, what cannot be seen becomes ␀; 12-ab becomes 99-aa."""
    told = "".join(_shape_of(character) for character in text[:_LENGTH_MAX])
    return told + "…" if len(text) > _LENGTH_MAX else told


def _shape_of(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "a"
    return character if character in _SHOWN else "␀" if not character.isprintable() else "•"
