"""A data token is believed for what it is and nothing near it: the attacks on verifiers, each answered 401."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from publicgsb.apikeys import tokens as owner_tokens
from publicgsb.apikeys.data_tokens import AUDIENCE, DataTokens
from publicgsb.apikeys.signing.model import LEEWAY_SECONDS, TOKEN_SECONDS
from publicgsb.apikeys.signing.ring import Signer, SigningRing
from publicgsb.apikeys.verifying import ISSUER
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted, Unauthenticated

NOW = 1_795_000_000
KID = "k" * 16
LIVE = Caller("abcdefgh", KeyKind.LIVE, 3, 7, "open")


class Ring(SigningRing):
    """One key without a database, that can be taken away."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.asked: list[str] = []

    def signer(self) -> Signer:
        return Signer(KID, self.private)

    def public(self, kid: str) -> Any:
        self.asked.append(kid)
        return self.private.public_key() if kid == KID else None


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def data_tokens(ring: Ring) -> DataTokens:
    return DataTokens(ring, clock=lambda: NOW)


def claims(**changes: Any) -> dict[str, Any]:
    right = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "application:7",
        "jti": "1",
        "key_id": "abcdefgh",
        "scope": "read",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + TOKEN_SECONDS,
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def signed(ring: Ring, said: dict[str, Any] | None = None, **header: Any) -> str:
    """By hand: the library would refuse to make some of these."""
    text = f"{part({'alg': 'EdDSA', 'typ': 'JWT', 'kid': KID, **header})}.{part(claims() if said is None else said)}"
    return f"{text}.{base64.urlsafe_b64encode(ring.private.sign(text.encode())).rstrip(b'=').decode()}"


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refusal(tokens: DataTokens, text: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        tokens.read(text)
    assert refused.value.http_status == 401
    reason: str = refused.value.details["reason"]
    return reason


def test_an_issued_token_is_read_back(data_tokens: DataTokens) -> None:
    read = data_tokens.read(data_tokens.issue(LIVE, None).text)
    assert (read.key_id, read.only, read.expires_at) == ("abcdefgh", None, NOW + TOKEN_SECONDS)
    narrow = data_tokens.read(data_tokens.issue(LIVE, frozenset({"a/b", "c/d"})).text)
    assert narrow.only == frozenset({"a/b", "c/d"})


def test_the_same_claims_made_by_hand_pass(data_tokens: DataTokens, ring: Ring) -> None:
    """Shows that the refusals below are refused for what each changes, not for how it is built."""
    assert data_tokens.read(signed(ring)).key_id == "abcdefgh"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "publicgsb.evil"}, "unknown"),
        ({"iss": "public"}, "unknown"),
        ({"iss": [ISSUER]}, "unknown"),
        ({"aud": [AUDIENCE]}, "unknown"),
        ({"aud": [AUDIENCE, "x"]}, "unknown"),
        ({"aud": owner_tokens.AUDIENCE}, "unknown"),
        ({"aud": "publicgsb:dat"}, "unknown"),
        ({"scope": "manage"}, "unknown"),
        ({"scope": ""}, None),
        ({"scope": "read write"}, "unknown"),
        ({"scope": ["read"]}, "unknown"),
        ({"key_id": "short"}, "unknown"),
        ({"key_id": 1}, "unknown"),
        ({"key_id": "abcdefgh\n"}, "unknown"),
        ({"exp": NOW - LEEWAY_SECONDS}, "expired"),
        ({"exp": NOW - LEEWAY_SECONDS + 1}, None),
        ({"exp": 0}, "expired"),
        ({"exp": float(NOW + 9)}, "unknown"),
        ({"exp": str(NOW + 9)}, "unknown"),
        ({"exp": True}, "unknown"),
        ({"exp": 2**70}, "unknown"),
        ({"nbf": NOW + LEEWAY_SECONDS}, None),
        ({"nbf": NOW + LEEWAY_SECONDS + 1}, "unknown"),
        ({"iat": NOW + LEEWAY_SECONDS + 1}, "unknown"),
        *(({name: None}, "unknown") for name in claims()),
    ],
)
def test_rightly_signed_claims_are_believed_to_the_second_and_the_letter(
    data_tokens: DataTokens, ring: Ring, changes: dict[str, Any], reason: str | None
) -> None:
    text = signed(ring, claims(**changes))
    assert data_tokens.read(text).key_id == "abcdefgh" if reason is None else refusal(data_tokens, text) == reason


def test_an_empty_scope_reads_nothing(data_tokens: DataTokens, ring: Ring) -> None:
    assert data_tokens.read(signed(ring, claims(scope=""))).only == frozenset()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "ES256", "Ed25519", "EDDSA", "", None, 1, []])
def test_another_algorithm_is_refused_whatever_it_is_signed_with(
    data_tokens: DataTokens, ring: Ring, algorithm: object
) -> None:
    text = f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': KID})}.{part(claims())}"
    right = base64.urlsafe_b64encode(ring.private.sign(text.encode())).rstrip(b"=").decode()
    assert {refusal(data_tokens, f"{text}.{signature}") for signature in ("", right)} == {"unknown"}


@pytest.mark.parametrize("form", ["pem", "raw", "x", "jwk"])
def test_the_public_key_in_any_form_is_no_hmac_secret(data_tokens: DataTokens, ring: Ring, form: str) -> None:
    public = ring.private.public_key()
    raw = public.public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).rstrip(b"=")
    secret = {
        "pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "raw": raw,
        "x": x,
        "jwk": json.dumps({"kty": "OKP", "crv": "Ed25519", "kid": KID, "x": x.decode()}).encode(),
    }[form]
    for algorithm in ("HS256", "EdDSA"):
        text = f"{part({'alg': algorithm, 'kid': KID})}.{part(claims())}"
        mac = base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).rstrip(b"=").decode()
        assert refusal(data_tokens, f"{text}.{mac}") == "unknown"


def test_another_key_another_curve_or_another_kid_is_refused(data_tokens: DataTokens, ring: Ring) -> None:
    stranger = Ed25519PrivateKey.generate()
    curve = generate_private_key(SECP256R1())
    assert refusal(data_tokens, jwt.encode(claims(), stranger, algorithm="EdDSA", headers={"kid": KID})) == "unknown"
    assert refusal(data_tokens, jwt.encode(claims(), curve, algorithm="ES256", headers={"kid": KID})) == "unknown"
    for kid in ("", "K" * 16, KID + "x", "../jwks", "' or 1=1 --"):
        assert refusal(data_tokens, signed(ring, kid=kid)) == "unknown"
    assert refusal(data_tokens, jwt.encode(claims(), ring.private, algorithm="EdDSA")) == "unknown"


@pytest.mark.parametrize(
    "header",
    [
        {"b64": True},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["b64"], "b64": True},
        {"jwk": {"kty": "OKP"}},
        {"jku": "https://example.com/jwks.json"},
        {"x5u": "https://example.com/x"},
        {"zip": "DEF"},
        {"cty": "JWT"},
    ],
)
def test_a_header_that_says_more_than_which_key_is_refused(
    data_tokens: DataTokens, ring: Ring, header: dict[str, Any]
) -> None:
    assert refusal(data_tokens, signed(ring, **header)) == "unknown"


def test_a_detached_payload_is_refused(data_tokens: DataTokens, ring: Ring) -> None:
    """What signs an answer never signs a token, even when the answer's body is a token's claims."""
    detached = jwt.api_jws.encode(
        json.dumps(claims()).encode(), ring.private, "EdDSA", headers={"kid": KID}, is_payload_detached=True
    )
    head, _, proof = detached.split(".")
    attached = base64.urlsafe_b64encode(json.dumps(claims()).encode()).rstrip(b"=").decode()
    assert [refusal(data_tokens, text) for text in (detached, f"{head}.{attached}.{proof}")] == ["unknown"] * 2


@pytest.mark.parametrize(
    "text", ["..", "a.b.c", "eyJ.eyJ.", "é.é.é", "\x00.\x00.\x00", "W10.e30.", "e30.e30.", "bnVsbA.e30.", "MQ.e30."]
)
def test_text_that_is_no_token_is_refused(data_tokens: DataTokens, text: str) -> None:
    assert refusal(data_tokens, text) in {"malformed", "unknown"}


def test_a_token_of_any_other_length_or_with_any_flipped_bit_is_refused(data_tokens: DataTokens, ring: Ring) -> None:
    text = signed(ring)
    assert refusal(data_tokens, signed(ring, claims(pad="x" * 4096))) == "unknown"
    for at in range(0, len(text), 7):
        changed = text[:at] + ("A" if text[at] not in "A." else "B") + text[at + 1 :]
        assert refusal(data_tokens, changed) in {"malformed", "unknown"}, at
    assert {refusal(data_tokens, text[:end]) for end in range(0, len(text) - 1, 11)} <= {"malformed", "unknown"}


def test_an_owner_token_is_no_data_token_nor_the_other_way_round(
    data_tokens: DataTokens, signing_key_pem: bytes
) -> None:
    owner = owner_tokens.OwnerTokens(signing_key_pem)
    with pytest.raises(Unauthenticated):
        owner.verify(data_tokens.issue(LIVE, None).text)
    assert refusal(data_tokens, owner.issue(1, 1, datetime.now(UTC)).text) == "unknown"


def test_a_key_is_not_exchanged_for_more_than_it_reads() -> None:
    tokens = DataTokens(Ring(), clock=lambda: NOW)
    narrow = Caller("abcdefgh", KeyKind.LIVE, 3, 7, "open", only=frozenset({"a/b"}))
    assert tokens.read(tokens.issue(narrow, frozenset({"a/b"})).text).only == frozenset({"a/b"})
    for caller, only in ((narrow, frozenset({"a/b", "c/d"})), (Caller("x", KeyKind.AGENCY, 0, 0, ""), None)):
        with pytest.raises(NotPermitted):
            tokens.issue(caller, only)
