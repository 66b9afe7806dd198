"""Signatures as Standard Webhooks asks for (HMAC-SHA-256 over id, timestamp and body), and where secrets come from.

A secret is HMAC(root, webhook id and salt). The root is derived from the pepper, which no database holds; the salt is
in the database. So a stolen dump holds nothing to sign with and nothing to decrypt, and a new salt is a new secret.
"""

import hashlib
import hmac
import secrets as random
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from publicgsb.apikeys.webhooks.model import Salt, Webhook

PREFIX = "whsec_"
_LABEL = b"publicgsb webhook secrets"
_SALT_BYTES = 16
_CHECK_BYTES = 8


class SecretLostError(Exception):
    """No known pepper makes this webhook's secret: it was registered under another one."""


class WebhookSecrets:
    """`peppers`: the one in force, then any before it, whose webhooks keep their secrets."""

    def __init__(self, peppers: Sequence[bytes]) -> None:
        self._roots = tuple(hmac.digest(pepper, _LABEL, hashlib.sha256) for pepper in peppers)

    def new_salt(self, webhook_id: int) -> Salt:
        value = random.token_bytes(_SALT_BYTES)
        return Salt(value, _check(_derive(self._roots[0], webhook_id, value)))

    def current(self, webhook: Webhook) -> bytes:
        """Raises SecretLostError when the pepper is not the one that it was made under."""
        return _derive(self._root(webhook), webhook.id, webhook.salt)

    def valid(self, webhook: Webhook, now: datetime) -> tuple[bytes, ...]:
        """The secrets that sign now: two during the overlap of a rotation.

        The one before may have been made under an earlier pepper, so it is derived from each: one more signature.
        """
        current = self.current(webhook)
        if webhook.previous_salt is None or webhook.previous_until is None or webhook.previous_until <= now:
            return (current,)
        return (current, *(_derive(root, webhook.id, webhook.previous_salt) for root in self._roots))

    def _root(self, webhook: Webhook) -> bytes:
        for root in self._roots:
            if hmac.compare_digest(_check(_derive(root, webhook.id, webhook.salt)), webhook.secret_check):
                return root
        raise SecretLostError


def secret_text(secret: bytes) -> str:
    """As the owner gets it, once."""
    return PREFIX + b64encode(secret).decode()


def sign(secrets: Sequence[bytes], message_name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers; whoever knows any of the secrets finds a signature that is right."""
    content = b".".join((message_name.encode(), str(timestamp).encode(), body))
    signatures = [f"v1,{b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()}" for secret in secrets]
    return {
        "webhook-id": message_name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _derive(root: bytes, webhook_id: int, salt: bytes) -> bytes:
    return hmac.digest(root, webhook_id.to_bytes(8) + salt, hashlib.sha256)


def _check(secret: bytes) -> bytes:
    """Short and one-way: it tells roots apart and says nothing of the 256 bits of the secret."""
    return hmac.digest(secret, b"check", hashlib.sha256)[:_CHECK_BYTES]
