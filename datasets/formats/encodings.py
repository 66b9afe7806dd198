"""Which encoding a text is in, by all of its bytes: an error after a million rows would be found too late to be told.

UTF-8 and UTF-16 prove themselves. Windows-1256 takes any bytes for text, so it is believed only of what reads as
Arabic script then.
"""

import codecs

from publicgsb.datasets.formats.bounds import CHUNK_BYTES, Bytes
from publicgsb.datasets.formats.containers import wrong_encoding

UTF_8, UTF_16, UTF_16_LE, UTF_16_BE, WINDOWS_1256 = "utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1256"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF_32_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_HEAD_BYTES = 4_096
_ARABIC_SHARE = 0.8
_UTF_8_PROOF = 8  # so many characters that can only be UTF-8: what follows is a broken one
_JOINERS = "\u200c\u200d\u00ab\u00bb"


def find_encoding(stream: Bytes) -> str:
    """Reads the whole stream. Raises FileError when it is none of the five."""
    head = stream.read(CHUNK_BYTES)
    if head[:4] in _UTF_32_MARKS:
        raise wrong_encoding()
    if head[:2] in _UTF_16_MARKS:
        return UTF_16
    if (unmarked := _unmarked_utf_16(head[:_HEAD_BYTES])) is not None:
        return unmarked
    return UTF_8 if _is_utf_8(stream, head) else WINDOWS_1256


def _unmarked_utf_16(head: bytes) -> str | None:
    """ASCII characters have a zero in every other byte; Persian text has commas and line ends at least."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if bool(even) == bool(odd):
        return None
    encoding = UTF_16_LE if odd else UTF_16_BE
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None
    return encoding if "\n" in text or "\r" in text else None


def _is_utf_8(stream: Bytes, chunk: bytes) -> bool:
    """False when it is surely Windows-1256; FileError when it is neither."""
    decoder = codecs.getincrementaldecoder(UTF_8)()
    proofs = 0
    while chunk:
        pending = decoder.getstate()[0]
        if pending or not chunk.isascii():
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as broken:
                proofs += sum(byte >= 0xC0 for byte in (pending + chunk)[: broken.start])
                return _not_windows_1256(chunk[broken.start :], proofs)
            proofs += len(text) - sum(map(str.isascii, text)) if proofs < _UTF_8_PROOF else 0
        chunk = stream.read(CHUNK_BYTES)
    decoder.decode(b"", final=True)  # raises where the text ends within a character
    return True


def _not_windows_1256(rest: bytes, proofs: int) -> bool:
    """Always False, or FileError: a broken UTF-8 and what does not read as Arabic script are refused."""
    foreign = [character for character in rest.decode(WINDOWS_1256) if not character.isascii()]
    arabic = sum("\u0600" <= character <= "\u06ff" or character in _JOINERS for character in foreign)
    if proofs >= _UTF_8_PROOF or arabic < _ARABIC_SHARE * len(foreign):
        raise wrong_encoding()
    return False
