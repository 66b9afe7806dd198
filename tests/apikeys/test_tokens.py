"""The attacks that a token verifier is known for, each refused; the one right token passes."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from publicgsb.apikeys.tokens import AUDIENCE, OwnerTokens
from publicgsb.apikeys.verifying import ISSUER, looks_like_token
from publicgsb.platform.kernel.errors import Unauthenticated


def _claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    right = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "7",
        "jti": "1",
        "iat": now,
        "exp": now + timedelta(hours=1),
        "scope": "manage",
        "gen": 1,
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def _signed(pem: bytes, kid: str, claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode(claims, pem.decode(), algorithm="EdDSA", headers={"kid": kid, **header})


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _refusal(tokens: OwnerTokens, text: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        tokens.verify(text)
    reason: str = refusal.value.details["reason"]
    return reason


def test_an_issued_token_is_verified_into_its_claims(tokens: OwnerTokens) -> None:
    issued = tokens.issue(7, 3, datetime.now(UTC))
    claims = tokens.verify(issued.text)
    assert (claims.person_id, claims.generation, claims.expires_at) == (7, 3, issued.expires_at)
    assert looks_like_token(issued.text)


def test_a_hand_made_token_of_the_same_claims_passes(tokens: OwnerTokens, signing_key_pem: bytes) -> None:
    """Shows that the refusals below are refused for what each changes, not for how it is built."""
    assert tokens.verify(_signed(signing_key_pem, tokens.kid, _claims())).person_id == 7


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "publicgsb.evil"}, "unknown"),
        ({"iss": "public"}, "unknown"),
        ({"aud": "other"}, "unknown"),
        ({"aud": [AUDIENCE]}, "unknown"),
        ({"aud": [AUDIENCE, "other"]}, "unknown"),
        ({"scope": "read"}, "unknown"),
        ({"scope": ["manage"]}, "unknown"),
        ({"sub": "x"}, "unknown"),
        ({"sub": "-1"}, "unknown"),
        ({"sub": "9" * 40}, "unknown"),
        ({"gen": "1"}, "unknown"),
        ({"gen": True}, "unknown"),
        ({"exp": datetime.now(UTC) - timedelta(minutes=1)}, "expired"),
        ({"iat": datetime.now(UTC) + timedelta(hours=1)}, "unknown"),
        *(({name: None}, "unknown") for name in ("iss", "aud", "sub", "jti", "iat", "exp", "scope", "gen")),
    ],
)
def test_a_rightly_signed_token_with_wrong_claims_is_refused(
    tokens: OwnerTokens, signing_key_pem: bytes, changes: dict[str, Any], reason: str
) -> None:
    assert _refusal(tokens, _signed(signing_key_pem, tokens.kid, _claims(**changes))) == reason


def test_a_token_without_signature_is_refused(tokens: OwnerTokens) -> None:
    for algorithm in ("none", "None", "NONE"):
        head = {"alg": algorithm, "typ": "JWT", "kid": tokens.kid}
        body = _part(_claims(iat=1, exp=9999999999))
        assert _refusal(tokens, f"{_part(head)}.{body}.") in {"unknown", "malformed"}


@pytest.mark.parametrize("form", ["pem", "raw", "jwk"])
def test_the_public_key_is_never_taken_for_an_hmac_secret(
    tokens: OwnerTokens, signing_key_pem: bytes, form: str
) -> None:
    private = load_pem_private_key(signing_key_pem, None)
    assert isinstance(private, Ed25519PrivateKey)
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    secret = {"pem": pem, "raw": raw, "jwk": base64.urlsafe_b64encode(raw).rstrip(b"=")}[form]
    signed = f"{_part({'alg': 'HS256', 'kid': tokens.kid})}.{_part(_claims(iat=1, exp=9999999999))}"
    mac = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), hashlib.sha256)).rstrip(b"=").decode()
    assert _refusal(tokens, f"{signed}.{mac}") == "unknown"


def test_another_key_or_another_kid_is_refused(tokens: OwnerTokens, signing_key_pem: bytes) -> None:
    stranger = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert _refusal(tokens, _signed(stranger, tokens.kid, _claims())) == "unknown"
    assert _refusal(tokens, _signed(signing_key_pem, "other", _claims())) == "unknown"
    assert _refusal(tokens, jwt.encode(_claims(), signing_key_pem.decode(), algorithm="EdDSA")) == "unknown"


@pytest.mark.parametrize("header", [{"crit": ["b64"], "b64": False}, {"b64": False}, {"crit": ["x"], "x": 1}])
def test_critical_extensions_are_refused(tokens: OwnerTokens, signing_key_pem: bytes, header: dict[str, Any]) -> None:
    assert _refusal(tokens, _signed(signing_key_pem, tokens.kid, _claims(), **header))


def test_a_header_that_brings_its_own_key_changes_nothing(tokens: OwnerTokens) -> None:
    stranger = Ed25519PrivateKey.generate()
    raw = base64.urlsafe_b64encode(stranger.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    brought = {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": raw.rstrip("=")}, "jku": "https://example.com/keys"}
    pem = stranger.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert _refusal(tokens, _signed(pem, tokens.kid, _claims(), **brought)) == "unknown"


@pytest.mark.parametrize("text", ["", "a.b.c", "eyJ.eyJ.", "....", "é.é.é", "\x00.\x00.\x00", "a.b.c" * 1000])
def test_text_that_is_no_token_is_refused(tokens: OwnerTokens, text: str) -> None:
    assert _refusal(tokens, text) in {"malformed", "unknown"}


@pytest.mark.parametrize("head", [[], 1, None, {"alg": 1}, {"alg": ["EdDSA"]}, {"alg": "EdDSA", "kid": 1}, {}])
def test_a_header_of_another_type_is_refused(tokens: OwnerTokens, head: object) -> None:
    assert _refusal(tokens, f"{_part(head)}.{_part({})}.AAAA") in {"malformed", "unknown"}


def test_every_changed_character_is_noticed(tokens: OwnerTokens) -> None:
    text = tokens.issue(7, 1, datetime.now(UTC)).text
    for place in range(0, len(text) - 2, 7):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert _refusal(tokens, changed)


def test_a_signing_key_of_another_kind_is_refused_at_start() -> None:
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="Ed25519"):
        OwnerTokens(other)


def test_the_printed_form_of_a_token_hides_its_text(tokens: OwnerTokens) -> None:
    issued = tokens.issue(7, 1, datetime.now(UTC))
    assert issued.text not in repr(issued)
