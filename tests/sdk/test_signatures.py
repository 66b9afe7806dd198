"""Offline checks of signed answers: a recorded one holds, and whatever is near it does not."""

import hmac
import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from publicgsb_sdk import (
    AnotherQuestion,
    AnswerAltered,
    Client,
    GsbError,
    KeySet,
    SignatureMalformed,
    SignatureMissing,
    Signed,
    StaleAnswer,
    UnknownSigner,
    VerificationFailed,
    verify,
)
from publicgsb_sdk.question import question_hash

from .conftest import KEY, URL, Service

RECORDED = json.loads((Path(__file__).parent / "recorded" / "signed_answer.json").read_text(encoding="utf-8"))
SIGNED_AT = 1_795_000_000
BODY = RECORDED["body"].encode()
PRIVATE = Ed25519PrivateKey.generate()
KEYS = {
    "keys": [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": "ours",
            "x": urlsafe_b64encode(PRIVATE.public_key().public_bytes_raw()).rstrip(b"=").decode(),
        }
    ]
}
DOCUMENT = "{ air { airports { totalCount } } }"


def recorded(**changes: Any) -> Signed:
    given = {
        "body": BODY,
        "signature": RECORDED["signature"],
        "document": RECORDED["document"],
        "variables": RECORDED["variables"],
        "operation_name": RECORDED["operationName"],
        "jwks": RECORDED["jwks"],
        "now": SIGNED_AT + 1,
    } | changes
    return verify(given.pop("body"), given.pop("signature"), **given)


def header(**changes: Any) -> dict[str, Any]:
    right = {"alg": "EdDSA", "b64": False, "crit": ["b64"], "typ": "gsb-answer", "kid": "ours", "iat": SIGNED_AT}
    right |= {"requestId": "req_1", "question": question_hash(DOCUMENT, None, None)}
    return {name: value for name, value in (right | changes).items() if value is not ...}


def signed(said: dict[str, Any] | str, body: bytes = b"{}") -> str:
    text = said if isinstance(said, str) else json.dumps(said)
    head = urlsafe_b64encode(text.encode()).rstrip(b"=")
    return f"{head.decode()}..{urlsafe_b64encode(PRIVATE.sign(head + b'.' + body)).rstrip(b'=').decode()}"


def check(signature: str | None, body: bytes = b"{}", **more: Any) -> Signed:
    return verify(body, signature, document=DOCUMENT, jwks=KEYS, **({"now": SIGNED_AT} | more))


def test_the_recorded_answer_holds_and_says_when_to_whom_and_by_which_key() -> None:
    found = recorded()
    assert found.kid == RECORDED["jwks"]["keys"][1]["kid"]
    assert (found.signed_at.timestamp(), found.request_id) == (SIGNED_AT, "req_recorded0001")
    assert recorded(jwks=json.dumps(RECORDED["jwks"])) == recorded(jwks=json.dumps(RECORDED["jwks"]).encode()) == found


def test_any_flipped_byte_of_the_body_is_noticed() -> None:
    for at in range(len(BODY)):
        with pytest.raises(AnswerAltered):
            recorded(body=BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :])
    for body in (b"", BODY + b" ", BODY[:-1]):
        with pytest.raises(AnswerAltered):
            recorded(body=body)


def test_any_other_question_is_refused() -> None:
    variables = RECORDED["variables"]
    for change in (
        {"document": RECORDED["document"] + " "},
        {"variables": None},
        {"variables": variables | {"big": 9007199254740992}},
        {"variables": variables | {"city": "یرد"}},
        {"variables": variables | {"more": None}},
        {"variables": variables | {"ids": variables["ids"][::-1]}},
        {"operation_name": None},
        {"operation_name": "near"},
    ):
        with pytest.raises(AnotherQuestion):
            recorded(**change)


def test_the_order_and_the_spelling_of_variables_do_not_matter() -> None:
    variables = dict(reversed(RECORDED["variables"].items())) | {"above": 1229500}
    assert recorded(variables=variables)


def test_another_key_or_one_that_is_not_in_the_set_is_refused() -> None:
    stranger = {**RECORDED["jwks"]["keys"][1], "x": KEYS["keys"][0]["x"]}
    with pytest.raises(AnswerAltered):
        recorded(jwks={"keys": [stranger]})
    for keys in ([], [{**stranger, "kid": "x"}], [{**stranger, "use": "enc"}], [{**stranger, "alg": "HS256"}]):
        with pytest.raises(UnknownSigner):
            recorded(jwks={"keys": keys})


@pytest.mark.parametrize(
    ("now", "max_age", "is_good"),
    [
        (SIGNED_AT + 300, 300, True),
        (SIGNED_AT + 301, 300, False),
        (SIGNED_AT + 10**8, None, True),
        (SIGNED_AT - 60, 300, True),
        (SIGNED_AT - 61, None, False),
    ],
)
def test_an_answer_is_as_fresh_as_asked_for_to_the_second(now: int, max_age: float | None, is_good: bool) -> None:
    if is_good:
        assert recorded(now=now, max_age=max_age)
    else:
        with pytest.raises(StaleAnswer):
            recorded(now=now, max_age=max_age)


def test_the_right_header_made_by_hand_holds() -> None:
    """Shows that the refusals below are refused for what each changes."""
    assert check(signed(header())).kid == "ours"


@pytest.mark.parametrize(
    "said",
    [
        *(
            {**header(), "alg": other}
            for other in ("none", "HS256", "ES256", "Ed25519", "eddsa", "", None, 1, ["EdDSA"])
        ),
        *(header(b64=other) for other in (True, 0, None, "false", ...)),
        *(header(crit=other) for other in ([], ["b64", "x"], "b64", None, ["exp"], ["b64", "b64"], ...)),
        *(header(typ=other) for other in ("JWT", "gsb-Answer", None, ...)),
        *(header(**{name: ...}) for name in ("alg", "kid", "iat", "requestId", "question")),
        header(jwk=KEYS["keys"][0]),
        header(jku="https://example.com/jwks.json"),
        header(x=1),
        header(kid=1),
        header(iat=float(SIGNED_AT)),
        header(iat=True),
        header(iat=-1),
        header(iat=2**60),
        header(question=["x"]),
        header(question="é"),
        header(requestId=None),
    ],
    ids=lambda said: json.dumps(said)[:40] if isinstance(said, dict) else None,
)
def test_a_rightly_signed_header_of_another_form_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(SignatureMalformed):
        check(signed(said))


def test_two_members_of_one_name_are_refused() -> None:
    text = json.dumps(header())
    with pytest.raises(SignatureMalformed):
        check(signed(text[:-1] + ', "question": "x"}'))


@pytest.mark.parametrize("text", ["[]", "1", "null", "{", "[[1,2]]", '"x"', "[" * 2000, ""])
def test_a_header_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(SignatureMalformed):
        check(signed(text))


def test_an_algorithm_is_never_taken_from_the_signature() -> None:
    """HS256 with the public key as its secret, in every form it could be read in."""
    raw = b64decode(KEYS["keys"][0]["x"] + "=", altchars=b"-_")
    for secret in (raw, KEYS["keys"][0]["x"].encode(), json.dumps(KEYS["keys"][0]).encode()):
        for algorithm, kind in (("HS256", SignatureMalformed), ("EdDSA", AnswerAltered)):
            head = urlsafe_b64encode(json.dumps(header(alg=algorithm)).encode()).rstrip(b"=")
            mac = urlsafe_b64encode(hmac.digest(secret, head + b".{}", "sha512")).rstrip(b"=")
            with pytest.raises(kind):
                check(f"{head.decode()}..{mac.decode()}")


def test_an_embedded_payload_is_refused() -> None:
    head, _, proof = signed(header()).split(".")
    embedded = urlsafe_b64encode(b"{}").decode()
    for text in (
        f"{head}.{embedded}.{proof}",
        f"{head}.{proof}",
        f".{head}.{proof}",
        f"{head}..{proof}.",
        head,
        "..",
        "é",
    ):
        with pytest.raises(SignatureMalformed):
            check(text)


def test_a_token_is_no_signed_answer() -> None:
    token = jwt.encode({"scope": "read"}, PRIVATE, algorithm="EdDSA", headers={"kid": "ours"})
    with pytest.raises(SignatureMalformed):
        check(token)


@pytest.mark.parametrize("signature", [None, ""])
def test_an_answer_that_was_not_signed_is_named_so(signature: str | None) -> None:
    with pytest.raises(SignatureMissing, match="Prefer: gsb-signature"):
        check(signature)


@pytest.mark.parametrize("keys", ["", "[]", "{}", '{"keys": 1}', '{"keys": [1]}', b"\xff", {}, {"keys": None}])
def test_what_is_no_key_set_is_named_so(keys: Any) -> None:
    with pytest.raises(SignatureMalformed, match="key set"):
        verify(b"{}", signed(header()), document=DOCUMENT, jwks=keys)


def test_a_key_of_the_wrong_length_is_named() -> None:
    with pytest.raises(SignatureMalformed, match="ours"):
        KeySet({"keys": [{**KEYS["keys"][0], "x": "AAAA"}]})


def test_every_refusal_is_one_class_and_one_of_the_sdks_own() -> None:
    kinds = set(VerificationFailed.__subclasses__())
    assert kinds == {AnotherQuestion, AnswerAltered, SignatureMalformed, SignatureMissing, StaleAnswer, UnknownSigner}
    assert issubclass(VerificationFailed, GsbError)


# The client --------------------------------------------------------------------------------------------------------


def answering(change: Callable[[bytes], bytes] = bytes, **said: Any) -> Callable[[httpx2.Request], httpx2.Response]:
    def reply(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["prefer"] == "gsb-signature"
        asked = json.loads(request.content)
        question = question_hash(asked["query"], asked.get("variables"), asked.get("operationName"))
        body = b'{"data":{"air":1},"extensions":{}}'
        now = {"iat": int(time.time()), "question": question}
        return httpx2.Response(
            200, content=change(body), headers={"gsb-signature": signed(header(**(now | said)), body)}
        )

    return reply


@pytest.fixture
def checking(service: Service) -> Client:
    return Client(
        KEY, URL, http_client=httpx2.Client(transport=httpx2.MockTransport(service)), max_retries=0, verify=KEYS
    )


def test_a_client_that_verifies_gives_what_holds(checking: Client, service: Service) -> None:
    service.reply(answering())
    assert checking.graphql(DOCUMENT, {"n": 1}, "Q").data == {"air": 1}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answering(lambda body: body.replace(b"1", b"2")), AnswerAltered),
        (answering(question=question_hash("{ other }", None, None)), AnotherQuestion),
        (answering(iat=int(time.time()) - 3600), StaleAnswer),
        (answering(kid="theirs"), UnknownSigner),
        (httpx2.Response(200, json={"data": {"air": 1}}), SignatureMissing),
    ],
)
def test_a_client_that_verifies_gives_nothing_else(
    checking: Client, service: Service, reply: Any, kind: type[VerificationFailed]
) -> None:
    service.reply(reply)
    with pytest.raises(kind):
        checking.graphql(DOCUMENT, {"n": 1})


def test_a_client_that_does_not_verify_asks_for_no_signature(client: Client, service: Service) -> None:
    service.reply(httpx2.Response(200, json={"data": {"air": 1}}))
    assert client.graphql(DOCUMENT).data == {"air": 1}
    assert "prefer" not in service.requests[-1].headers


def test_a_refusal_is_still_what_the_service_says_it_is(checking: Client, service: Service) -> None:
    service.reply(service.refusal(429, "QUOTA_EXHAUSTED"))
    with pytest.raises(GsbError, match="QUOTA_EXHAUSTED"):
        checking.graphql(DOCUMENT)
