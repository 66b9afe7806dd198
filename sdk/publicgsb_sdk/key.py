"""An API key is checked before it is sent: a cut or mistyped key is told without asking the network.

A key is a prefix of five characters, eight of public id, 32 of secret and a six-character checksum of all
before it.
"""

import re
import zlib

from publicgsb_sdk.errors import Unauthenticated

KEY_LENGTH = 51
CHECKSUM_LENGTH = 6
PREFIXES = ("gsbl_", "gsbt_", "gsba_")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)  # what a key is exchanged for; only the service can judge it
BODY = re.compile(r"[0-9A-Za-z]+")


def checked(text: str) -> str:
    """The key or token without the white space around it, or an `Unauthenticated` that says what is wrong with a key.

    The message never repeats the key: it may end in a log.
    """
    key = text.strip()
    if TOKEN.fullmatch(key):
        return key
    if not key.startswith(PREFIXES):
        raise _refused("malformed", "This is not a Public GSB key: one begins with gsbl_, gsbt_ or gsba_.")
    if not BODY.fullmatch(key[5:] or "-"):
        raise _refused("malformed", "The API key holds a character that no key has.")
    if len(key) < KEY_LENGTH:
        raise _refused("truncated", f"The API key is cut off: it has {len(key)} of {KEY_LENGTH} characters.")
    if len(key) > KEY_LENGTH:
        raise _refused("malformed", f"The API key is too long: {len(key)} characters instead of {KEY_LENGTH}.")
    if checksum(key[:-CHECKSUM_LENGTH]) != key[-CHECKSUM_LENGTH:]:
        raise _refused("malformed", "The API key does not match its checksum: a character of it has changed.")
    return key


def checksum(text: str) -> str:
    """CRC-32 in base 62, zero-padded to six."""
    number = zlib.crc32(text.encode("ascii"))
    digits: list[str] = []
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def _refused(reason: str, message: str) -> Unauthenticated:
    return Unauthenticated(message, hint="Copy the whole key again.", details={"reason": reason})
