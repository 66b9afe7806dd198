"""Which text a database can hold."""


def is_storable(text: str) -> bool:
    """Neither with a NUL, which no column of text takes, nor with half a character, which no encoding has."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
