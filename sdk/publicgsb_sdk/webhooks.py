"""Whether a webhook came from the service: Standard Webhooks, HMAC-SHA256.

from publicgsb_sdk import webhooks

event = webhooks.verify(body, headers, os.environ["WEBHOOK_SECRET"])
if event.kind == "release.published": ...
"""

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publicgsb_sdk.answers import understood
from publicgsb_sdk.errors import AnswerAltered, InvalidRequest, SignatureMalformed, SignatureMissing, StaleAnswer
from publicgsb_sdk.wire import an_object

TOLERANCE_SECONDS = 300.0
PREFIX = "whsec_"
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
SIGNATURES_MAX = 20


@dataclass(frozen=True, slots=True)
class Event:
    """What was announced. `id` is the same each time that it is delivered: keep the ids that you have handled.

    >>> event = webhooks.verify(body, headers, secret)
    >>> event.kind, event.data["release"]
    ('release.published', 3)
    """

    id: str
    kind: str
    at: datetime
    data: Mapping[str, Any]


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Event:
    """The event in a request, once one of the secrets is shown to have signed these very bytes, not long ago.

    `body` are the bytes as they came, before any parsing; `headers` in any case of letters. Give both secrets while one
    is being replaced. `tolerance` in seconds. To a `VerificationFailed` answer 401. Signatures are compared in constant
    time.

    >>> webhooks.verify(body, headers, [old_secret, secret]).id
    'msg_1'

    Raises:
        SignatureMissing: the request has no signature.
        SignatureMalformed: its headers are no signature.
        AnswerAltered: none of the secrets signed these bytes.
        StaleAnswer: it is older than `tolerance`, or from the future.
        InvalidRequest: there is no secret, or it is none.
        ServerError: it is signed, and this version of the library cannot read it.
    """
    keys = [_key(one) for one in ((secret,) if isinstance(secret, str) else secret)]
    if not keys:
        raise InvalidRequest("There is no secret to verify by.", hint="Pass the whsec_… that registering showed.")
    message_id, at, signatures = _given(headers)
    signed = f"{message_id}.{at}.".encode() + body
    rights = [b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in keys]
    holds = [hmac.compare_digest(right, given) for right in rights for given in signatures]
    if not any(holds):
        raise AnswerAltered(
            "No secret of yours signed this message.",
            hint="Pass the body's bytes as they came, and the secret of this webhook.",
        )
    if abs((time.time() if now is None else now) - at) > tolerance:
        raise StaleAnswer("The message is older than you allow, or from the future.", hint="Is your clock right?")
    return understood("a message", lambda said: _event(message_id, said), an_object(_json(body)))


def _event(message_id: str, said: Any) -> Event:
    return Event(message_id, said["type"], datetime.fromisoformat(said["timestamp"]), said["data"])


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _given(headers: Mapping[str, str]) -> tuple[str, int, list[bytes]]:
    known = {name.lower(): value for name, value in headers.items()}
    message_id, at, signatures = (known.get(name, "") for name in NAMES)
    if not (message_id and at and signatures):
        raise SignatureMissing("The message is not signed.", hint=f"It has no {', '.join(NAMES)}.")
    found = [one[3:].encode() for one in signatures.split()[:SIGNATURES_MAX] if one.startswith("v1,")]
    if not (at.isascii() and at.isdecimal() and len(at) < 12) or not found:
        raise SignatureMalformed("This is no signature of a webhook.")
    return message_id, int(at), found


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (NotBase64, ValueError):
        key = b""
    if not key:
        raise InvalidRequest(
            "This is no secret of a webhook: one is whsec_ and base64.", details={"reason": "malformed"}
        )
    return key
