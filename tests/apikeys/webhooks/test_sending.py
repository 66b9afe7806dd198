"""One POST: to the address that was checked, and bounded whatever the receiver does."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publicgsb.apikeys.webhooks.model import Outcome
from publicgsb.apikeys.webhooks.sending import ANSWER_BYTES_MAX, Rules, Sender, parse_retry_after
from publicgsb.platform.kernel.errors import InvalidRequest

from .conftest import RULES, Book
from .receiver import Receiver, status

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of hooks.test alone, signed by itself; key and certificate in one file."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.test")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, None)
    )
    file = tmp_path / "hooks.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem + made.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
async def secure(certificate: Path) -> AsyncIterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver = Receiver()
    await receiver.start(ssl=context)
    yield receiver
    await receiver.stop()


def _trusting(certificate: Path, book: Book) -> Sender:
    rules = Rules(private_is_allowed=True, attempt_seconds=60.0)
    return Sender(rules, resolver=book, tls=lambda: ssl.create_default_context(cafile=certificate))


async def test_the_certificate_is_that_of_the_name_at_the_address_that_was_resolved(
    secure: Receiver, certificate: Path, book: Book
) -> None:
    outcome = await _trusting(certificate, book).send(secure.url(scheme="https"), {"x-a": "b"}, b"{}")
    assert outcome == Outcome(204, None)
    assert secure.requests[0].headers["host"] == f"hooks.test:{secure.port}"


async def test_another_name_with_the_same_address_is_not_believed(
    secure: Receiver, certificate: Path, book: Book
) -> None:
    outcome = await _trusting(certificate, book).send(secure.url(host="other.test", scheme="https"), {}, b"{}")
    assert (outcome, secure.requests) == (Outcome(None, "tls"), [])


async def test_a_certificate_of_nobody_we_know_is_not_believed(secure: Receiver, book: Book) -> None:
    sender = Sender(Rules(private_is_allowed=True, attempt_seconds=60.0), resolver=book)
    assert await sender.send(secure.url(scheme="https"), {}, b"{}") == Outcome(None, "tls")


async def test_a_name_is_resolved_once_per_attempt_so_it_cannot_change_its_mind(
    receiver: Receiver, sender: Sender, book: Book
) -> None:
    assert (await sender.send(receiver.url(), {}, b"{}")).is_success
    assert book.asked == ["hooks.test"]


async def test_a_name_that_turned_private_is_refused_at_the_attempt(receiver: Receiver, book: Book) -> None:
    strict = Sender(Rules(http_is_allowed=True), resolver=book)
    assert await strict.send(receiver.url(), {}, b"{}") == Outcome(None, "address_refused")
    assert receiver.requests == []


async def test_http_is_refused_where_the_operator_does_not_allow_it(receiver: Receiver, book: Book) -> None:
    assert await Sender(Rules(), resolver=book).send(receiver.url(), {}, b"{}") == Outcome(None, "url_refused")


async def test_at_registration_a_private_name_is_refused_and_an_unknown_one_may_come_up(book: Book) -> None:
    strict = Sender(Rules(), resolver=book)
    with pytest.raises(InvalidRequest) as refused:
        await strict.check(strict.target("https://hooks.test/"))
    assert refused.value.details["reason"] == "address"
    await strict.check(strict.target("https://nobody.test/"))


async def test_redirects_are_not_followed(receiver: Receiver, sender: Sender) -> None:
    receiver.answers = [status(302, f"Location: {receiver.url('/elsewhere')}")]
    assert await sender.send(receiver.url(), {}, b"{}") == Outcome(302, "redirect")
    assert len(receiver.requests) == 1


async def test_of_a_long_answer_no_more_than_its_bound_is_read(receiver: Receiver, sender: Sender) -> None:
    receiver.answers = [status(200, body=b"x" * (50 * ANSWER_BYTES_MAX))]
    assert await sender.send(receiver.url(), {}, b"{}") == Outcome(200, None)


async def test_a_head_without_an_end_is_given_up(receiver: Receiver, sender: Sender) -> None:
    receiver.answers = [b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * ANSWER_BYTES_MAX]
    assert (await sender.send(receiver.url(), {}, b"{}")).status is None


async def test_a_hint_on_the_way_is_not_the_answer(receiver: Receiver, sender: Sender) -> None:
    receiver.answers = [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + status(500)]
    assert await sender.send(receiver.url(), {}, b"{}") == Outcome(500, "status")


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.9\r\n", b"", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"]
)
async def test_what_is_no_answer_is_a_failure(receiver: Receiver, sender: Sender, answer: bytes) -> None:
    receiver.answers = [answer]
    assert await sender.send(receiver.url(), {}, b"{}") == Outcome(None, "not_http")


async def test_a_receiver_that_says_nothing_is_given_up_in_time(receiver: Receiver, book: Book) -> None:
    never = asyncio.Event()

    async def silent() -> bytes:
        await never.wait()
        return b""

    receiver.answers = [silent]
    hasty = Sender(Rules(http_is_allowed=True, private_is_allowed=True, attempt_seconds=0.2), resolver=book)
    assert await hasty.send(receiver.url(), {}, b"{}") == Outcome(None, "timeout")
    never.set()


async def test_where_nobody_listens_is_a_failure_like_others(receiver: Receiver, book: Book) -> None:
    port = receiver.port
    await receiver.stop()
    assert await Sender(RULES, resolver=book).send(f"http://hooks.test:{port}/", {}, b"{}") == Outcome(
        None, "connection"
    )
    await receiver.start()


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Fri, 27 Nov 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Fri, 27 Nov 2026 11:59:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, pause: timedelta | None) -> None:
    assert parse_retry_after(text, NOW) == pause
