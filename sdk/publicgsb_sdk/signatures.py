"""`verify`: whether an answer is what the service said, to this question, and not long ago. Needs no network.

Keep the key set (`/.well-known/jwks.json`) from a moment when you trusted it; keep it with answers that you keep, since
the service forgets keys. Needs `pip install publicgsb-sdk[verify]`.
"""

import hmac
import json
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from publicgsb_sdk.errors import (
    AnotherQuestion,
    AnswerAltered,
    MissingExtra,
    SignatureMalformed,
    SignatureMissing,
    StaleAnswer,
    UnknownSigner,
)
from publicgsb_sdk.question import question_hash
from publicgsb_sdk.wire import a_list

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CLOCK_SECONDS = 60.0  # by so much a clock of yours may be behind the service's
LENGTH_MAX = 2048
MEMBERS = frozenset({"alg", "b64", "crit", "typ", "kid", "iat", "requestId", "question"})


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature that holds says: when, to which request and by which key the answer was given.

    >>> verify(answer, signature, **question, jwks=key_set).kid
    '1W6S-Oo8U5pxRU4G'
    """

    kid: str
    signed_at: datetime
    request_id: str


class KeySet:
    """The keys of a JWKS, read once. Other kinds of keys in it are passed over.

    >>> keys = KeySet(key_set)
    >>> keys.verify(answer, signature, **question).request_id
    'req_recorded0001'

    Raises:
        SignatureMalformed: this is no key set.
        MissingExtra: cryptography is not installed.
    """

    def __init__(self, jwks: Mapping[str, Any] | str | bytes) -> None:
        self._keys = {str(jwk.get("kid")): _public_key(jwk) for jwk in _jwks(jwks) if _is_ours(jwk)}

    def verify(
        self,
        body: bytes,
        signature: str | None,
        *,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        max_age: float | None = None,
        now: float | None = None,
    ) -> Signed:
        """As the function `verify`, with these keys.

        >>> KeySet(key_set).verify(answer, signature, **question).signed_at.year
        2026

        Raises:
            VerificationFailed: each in its kind, as for `verify`.
        """
        said, signed, proof = _read(signature)
        key = self._keys.get(said["kid"])
        if key is None:
            raise UnknownSigner(
                f"The key set has no key {said['kid']!r}.",
                hint="Was it saved before that key was published? Get it anew from a place that you trust.",
            )
        _check_signature(key, proof, signed + b"." + body)
        if not hmac.compare_digest(said["question"], question_hash(document, variables, operation_name)):
            raise AnotherQuestion("The answer is genuine, and was given to another question.")
        age = (time.time() if now is None else now) - said["iat"]
        if age < -CLOCK_SECONDS:
            raise StaleAnswer("The answer says it was signed in the future.", hint="Is this machine's clock right?")
        if max_age is not None and age > max_age:
            raise StaleAnswer(f"The answer was signed {age:.0f} seconds ago, more than {max_age:g}.")
        return Signed(said["kid"], datetime.fromtimestamp(said["iat"], UTC), said["requestId"])


def verify(
    body: bytes,
    signature: str | None,
    *,
    document: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    jwks: Mapping[str, Any] | str | bytes,
    max_age: float | None = None,
    now: float | None = None,
) -> Signed:
    """Check an answer of the data endpoint against the question it is shown for, with a saved key set.

    `body` is the answer's bytes without compression, `signature` its header GSB-Signature, `max_age` in seconds (None:
    any age), `now` seconds since 1970 if not this machine's.

    >>> question = {"document": document, "variables": variables, "operation_name": "Near"}
    >>> verify(answer, signature, **question, jwks=key_set).request_id
    'req_recorded0001'

    Raises:
        SignatureMissing: there is no signature.
        SignatureMalformed: what came is none, or the key set is none.
        UnknownSigner: the key set does not hold the key.
        AnswerAltered: the bytes are not those that were signed.
        AnotherQuestion: it answers another document, other variables or another operation.
        StaleAnswer: it is older than `max_age`, or from the future.
        MissingExtra: cryptography is not installed.
    """
    return KeySet(jwks).verify(
        body,
        signature,
        document=document,
        variables=variables,
        operation_name=operation_name,
        max_age=max_age,
        now=now,
    )


def _read(signature: str | None) -> tuple[dict[str, Any], bytes, bytes]:
    """The protected header, its bytes as they were signed, and the signature itself."""
    if not signature:
        raise SignatureMissing(
            "The answer carries no GSB-Signature.",
            hint="Ask with the header Prefer: gsb-signature, and without a cache.",
        )
    head, _, rest = signature.partition(".")
    payload, _, proof = rest.partition(".")
    if payload or not head or len(signature) > LENGTH_MAX or not signature.isascii():
        raise SignatureMalformed("This is not a signature over a body that travels apart from it.")
    said = _header(_bytes_of(head))
    raw = _bytes_of(proof)
    if len(raw) != 64:
        raise SignatureMalformed("An Ed25519 signature has 64 bytes.")
    return said, head.encode(), raw


def _header(raw: bytes) -> dict[str, Any]:
    """Only the one form that the service writes: what a header may say beyond it is how verifiers were deceived."""
    try:
        pairs = json.loads(raw, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise SignatureMalformed("The signature's header is not JSON.") from None
    listed = a_list(pairs)
    told: list[tuple[str, Any]] = listed if listed and all(isinstance(pair, tuple) for pair in listed) else []
    said = dict(told)
    if len(said) != len(told) or said.keys() != MEMBERS:
        raise SignatureMalformed("The signature's header has other members than it should.")
    if said["alg"] != "EdDSA" or said["typ"] != "gsb-answer":
        raise SignatureMalformed("The signature is not of the kind that the service makes: EdDSA, of an answer.")
    if said["b64"] is not False or said["crit"] != ["b64"]:
        raise SignatureMalformed("The signature is not over the body as it is.")
    texts: tuple[Any, ...] = (said["kid"], said["requestId"], said["question"])
    if not all(isinstance(text, str) for text in texts) or type(said["iat"]) is not int:
        raise SignatureMalformed("A member of the signature's header is of the wrong type.")
    if not 0 <= said["iat"] < 2**36 or not said["question"].isascii():
        raise SignatureMalformed("A member of the signature's header is out of range.")
    return said


def _bytes_of(text: str) -> bytes:
    try:
        raw = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise SignatureMalformed("The signature is not base64url.") from None
    return raw


def _check_signature(key: "Ed25519PublicKey", proof: bytes, signed: bytes) -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra, loaded when it is asked for

    try:
        key.verify(proof, signed)
    except InvalidSignature:
        raise AnswerAltered(
            "The body, or what the signature says of it, is not what that key signed.",
            hint="Pass the body's bytes as they came, after decompression and before any parsing.",
        ) from None


def _jwks(jwks: Mapping[str, Any] | str | bytes) -> Sequence[Mapping[str, Any]]:
    try:
        document = json.loads(jwks) if isinstance(jwks, str | bytes) else jwks
        keys = a_list(document["keys"])
    except (ValueError, KeyError, TypeError):
        keys = None
    if keys is None or not all(isinstance(jwk, Mapping) for jwk in keys):
        raise SignatureMalformed('This is not a key set: {"keys": […]}.')
    return keys


def _is_ours(jwk: Mapping[str, Any]) -> bool:
    kind = (jwk.get("kty"), jwk.get("crv"), jwk.get("alg", "EdDSA"), jwk.get("use", "sig"))
    return kind == ("OKP", "Ed25519", "EdDSA", "sig") and isinstance(jwk.get("kid"), str)


def _public_key(jwk: Mapping[str, Any]) -> "Ed25519PublicKey":
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError:
        raise MissingExtra("Checking signatures needs: pip install publicgsb-sdk[verify]") from None
    try:
        return Ed25519PublicKey.from_public_bytes(_bytes_of(str(jwk.get("x"))))
    except ValueError:
        raise SignatureMalformed(f"The key {jwk.get('kid')!r} of the key set is not an Ed25519 key.") from None
