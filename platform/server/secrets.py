"""The two secrets of an installation: the pepper of key digests and the key that signs owner tokens."""

import os
import secrets as random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from publicgsb.apikeys.peppers import Peppers
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.server.engines import make_state_dir
from publicgsb.platform.server.settings import Settings, read_peppers

PEPPER_FILE = "pepper"
SIGNING_KEY_FILE = "signing_key.pem"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Neither is ever in the database, so a stolen dump can neither check a guess nor sign a token."""

    pepper: bytes = field(repr=False)
    peppers: Peppers = field(repr=False)
    signing_key_pem: bytes = field(repr=False)


def load_secrets(settings: Settings) -> Secrets:
    """From the settings or the state folder; made there once, for all processes the same."""
    pepper = _pepper(settings)
    others = {number: text.encode() for number, text in read_peppers(settings.other_peppers).items()}
    return Secrets(pepper, Peppers(settings.pepper_version, pepper, others), _signing_key(settings))


def _pepper(settings: Settings) -> bytes:
    if settings.pepper is not None:
        return settings.pepper.get_secret_value().encode()
    file = settings.state_dir / PEPPER_FILE
    if not file.exists() and settings.database_url is not None and not settings.demo:
        # Two machines that each made up a pepper would refuse each other's keys.
        raise Conflict(
            "There is no pepper, and the database is not the embedded one.",
            hint="Set GSB_PEPPER to a secret of at least 32 characters, the same on every machine.",
            reason="pepper",
        )
    pepper = _read_or_make(file, lambda: random.token_hex(32).encode() + b"\n").strip()
    if len(pepper) < 32:
        raise Conflict(f"The pepper in {file} is shorter than 32 characters.", reason="pepper")
    return pepper


def _signing_key(settings: Settings) -> bytes:
    if settings.signing_key_file is not None:
        try:
            pem = settings.signing_key_file.read_bytes()
        except OSError as error:
            raise Conflict(f"GSB_SIGNING_KEY_FILE cannot be read: {error.strerror}.", reason="signing_key") from error
    else:
        pem = _read_or_make(settings.state_dir / SIGNING_KEY_FILE, _new_signing_key)
    try:
        is_ed25519 = isinstance(load_pem_private_key(pem, password=None), Ed25519PrivateKey)
    except (ValueError, TypeError):
        is_ed25519 = False
    if not is_ed25519:
        raise Conflict(
            "The signing key is not an unencrypted Ed25519 private key in PEM.",
            hint="Make one: openssl genpkey -algorithm ed25519",
            reason="signing_key",
        )
    return pem


def _new_signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read_or_make(file: Path, make: Callable[[], bytes]) -> bytes:
    """Read the file, or make it; of two processes that make it at once both use the one that came first."""
    if not file.exists():
        make_state_dir(file.parent)
        draft = file.with_name(f".{file.name}.{os.getpid()}.{random.token_hex(4)}")
        write_private(draft, make())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes()


def write_private(file: Path, content: bytes) -> None:
    """Write a new file that only we may read, from its first byte on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
