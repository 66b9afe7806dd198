"""A webhook is believed only when one of your secrets signed these very bytes, not long ago."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from publicgsb_sdk import AnswerAltered, InvalidRequest, SignatureMalformed, SignatureMissing, StaleAnswer, webhooks

OLD, NEW = "whsec_" + "b2xk" * 8, "whsec_" + "bmV3" * 8
NOW = 1_800_000_000
BODY = json.dumps({"type": "release.published", "timestamp": "2026-11-27T10:00:00Z", "data": {"release": 3}}).encode()


def headers(*secrets: str, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    """As the reference library of the standard signs it."""
    signed = (Webhook(one).sign("msg_1", datetime.fromtimestamp(at, UTC), body.decode()) for one in secrets)
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(at), "Webhook-Signature": " ".join(signed)}


def test_a_signed_message_is_read() -> None:
    event = webhooks.verify(BODY, headers(OLD), OLD, now=NOW)
    assert (event.id, event.kind, event.data) == ("msg_1", "release.published", {"release": 3})
    assert event.at == datetime(2026, 11, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize("known", [OLD, NEW, [NEW, OLD], ("whsec_eHh4", NEW)])
def test_while_a_secret_is_replaced_either_will_do(known: str | list[str]) -> None:
    assert webhooks.verify(BODY, headers(OLD, NEW), known, now=NOW).id == "msg_1"


@pytest.mark.parametrize(
    "changed",
    [{"Webhook-Id": "msg_2"}, {"Webhook-Timestamp": str(NOW + 1)}, {"Webhook-Signature": "v1,AAAA v1a,BBBB"}],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_header_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(AnswerAltered):
        webhooks.verify(BODY, headers(OLD) | changed, OLD, now=NOW)


def test_a_changed_byte_or_another_secret_is_refused() -> None:
    with pytest.raises(AnswerAltered):
        webhooks.verify(BODY.replace(b"3", b"4"), headers(OLD), OLD, now=NOW)
    with pytest.raises(AnswerAltered):
        webhooks.verify(BODY, headers(OLD), NEW, now=NOW)


@pytest.mark.parametrize("later", [301, -301])
def test_an_old_message_is_refused_and_so_is_one_from_the_future(later: int) -> None:
    with pytest.raises(StaleAnswer):
        webhooks.verify(BODY, headers(OLD), OLD, now=NOW + later)
    assert webhooks.verify(BODY, headers(OLD), OLD, now=NOW + later, tolerance=400).id == "msg_1"


@pytest.mark.parametrize("name", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_a_message_without_signature_is_told_from_a_wrong_one(name: str) -> None:
    with pytest.raises(SignatureMissing):
        webhooks.verify(BODY, {key: value for key, value in headers(OLD).items() if key != name}, OLD, now=NOW)


@pytest.mark.parametrize(
    "wrong", [{"Webhook-Timestamp": "soon"}, {"Webhook-Timestamp": "-1"}, {"Webhook-Signature": "x"}]
)
def test_what_is_no_signature_is_malformed(wrong: dict[str, str]) -> None:
    with pytest.raises(SignatureMalformed):
        webhooks.verify(BODY, headers(OLD) | wrong, OLD, now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", []])
def test_a_secret_that_is_none_is_refused_without_being_repeated(secret: str | list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        webhooks.verify(BODY, headers(OLD), secret, now=NOW)
    assert "%%%" not in str(refused.value)
