"""What a key looks like, and how to tell a damaged one without asking anybody.

    gsbl_ 8h2KdX0q …32 characters… 1aB3cD
    kind  key id   secret           CRC32 of all before it, base62

51 characters and only one underscore, so that a double-click selects the whole key and a scanner can confirm
a find offline. The key id is public: it is the primary key and the only part that logs show.
"""

import hmac
import re
import zlib
from dataclasses import dataclass, field
from typing import NoReturn

from publicgsb.apikeys.model import no_such_key
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import Unauthenticated
from publicgsb.platform.kernel.ids import BASE62, KeyId, random_base62

KEY_LENGTH = 51
_ID_LENGTH, _SECRET_LENGTH, _CHECKSUM_LENGTH = 8, 32, 6
_BODY_LENGTH = KEY_LENGTH - _CHECKSUM_LENGTH

_SHAPE = re.compile(r"gsb[lta]_[0-9A-Za-z]{46}").fullmatch
_ID = re.compile(r"[0-9A-Za-z]{8}").fullmatch
_BEGINNING = re.compile(r"gsb[lta]_[0-9A-Za-z]*").fullmatch
_TOKEN = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*", re.ASCII).fullmatch
_PAIRS = tuple(high + low for high in BASE62 for low in BASE62)  # two digits at a time: three look-ups a checksum


@dataclass(frozen=True, slots=True)
class KeyParts:
    """The public parts of a well-formed key; the secret stays in the text it came in."""

    kind: KeyKind
    key_id: KeyId


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just drawn; `text` is shown to its owner once and kept nowhere."""

    kind: KeyKind
    key_id: KeyId
    text: str = field(repr=False)

    @property
    def hint(self) -> str:
        """The last four characters, by which an owner recognises a key in a list."""
        return self.text[-4:]


def draw(kind: KeyKind) -> NewKey:
    """A new key with 190 random bits."""
    key_id = KeyId(random_base62(_ID_LENGTH))
    body = f"{kind.value}_{key_id}{random_base62(_SECRET_LENGTH)}"
    return NewKey(kind, key_id, body + checksum(body))


def checksum(body: str) -> str:
    """CRC32 of `body` as six base62 digits."""
    crc = zlib.crc32(body.encode("ascii"))
    return _PAIRS[crc // 14_776_336] + _PAIRS[crc // 3_844 % 3_844] + _PAIRS[crc % 3_844]


def is_well_formed(text: str) -> bool:
    """True when `text` has the shape of a key and its checksum is right; whose it is remains open."""
    return _SHAPE(text) is not None and checksum(text[:_BODY_LENGTH]) == text[_BODY_LENGTH:]


def id_of(text: str) -> KeyId:
    """The key id of a well-formed key."""
    return KeyId(text[5 : 5 + _ID_LENGTH])


def is_id(text: str) -> bool:
    """True for the shape of a key id."""
    return _ID(text) is not None


def parse_id(text: str) -> KeyId:
    """A key id that came by itself, in a path or on the command line; any other text names no key: NotFound."""
    if not _ID(text):
        raise no_such_key()
    return KeyId(text)


def parse(text: str) -> KeyParts:
    """The parts of a well-formed key; raises Unauthenticated that says what is wrong with any other text."""
    if not is_well_formed(text):
        _explain(text)
    return KeyParts(KeyKind(text[:4]), id_of(text))


def digest(pepper: bytes, text: str) -> bytes:
    """What is stored instead of the key: HMAC-SHA-256 under a pepper that the database does not hold.

    Not a password hash: a 190-bit random secret cannot be guessed, and argon2id, dear by design, would
    let anybody occupy a core with wrong keys.
    """
    return hmac.digest(pepper, text.encode("utf-8"), "sha256")


def _explain(text: str) -> NoReturn:
    if _TOKEN(text):
        raise Unauthenticated(
            "This is an owner token; it manages keys and reads no data.",
            reason="malformed",
            hint="Send a key (gsbl_…) here; POST /api/v1/keys with the owner token creates one.",
        )
    if len(text) < KEY_LENGTH and _BEGINNING(text):
        raise Unauthenticated(
            f"The key is cut short: {len(text)} of {KEY_LENGTH} characters arrived.",
            reason="truncated",
            hint="Copy the whole key again; a double-click selects all of it.",
        )
    if not _SHAPE(text):
        raise Unauthenticated(
            "This does not have the shape of a key.",
            reason="malformed",
            hint=f"A key begins with gsbl_, gsbt_ or gsba_ and has {KEY_LENGTH} characters.",
        )
    raise Unauthenticated(
        "The checksum of the key is wrong, so at least one character of it was changed.",
        reason="malformed",
        hint="Copy the whole key again instead of typing it.",
    )
