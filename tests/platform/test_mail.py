"""Mail leaves the outbox by SMTP: once when it is taken, again when it is not, and its text does not stay."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from publicgsb.apikeys.mail import outbox
from publicgsb.apikeys.mail.letters import Letter, confirm
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.mail import send_due

SENDER = "Public GSB <no-reply@gsb.test>"


class Server:
    """As much of SMTP as a mail needs (RFC 5321), without TLS; refuses the recipients it is told to."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.heard: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            verb = line.partition(" ")[0].upper()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                text = await reader.readuntil(b"\r\n.\r\n")
                self.taken.append(message_from_bytes(text[:-3], policy=policy.default))
                writer.write(b"250 taken\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            elif verb == "RCPT" and any(address in line for address in self.refused):
                writer.write(b"550 no such box\r\n")
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()
        writer.close()


@pytest.fixture
async def smtp() -> AsyncIterator[tuple[Server, str]]:
    server = Server()
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    async with listening:
        yield server, f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def _post(connections: Connections, to: str, letter: Letter) -> None:
    async with connections.transaction() as connection:
        await outbox.post(connection, to, letter)


async def _due_now(connections: Connections) -> None:
    async with connections.use() as connection:
        await connection.execute("update gsb.mail set next_try_at = now()")


async def test_a_mail_arrives_once_and_its_text_does_not_stay(
    connections: Connections, smtp: tuple[Server, str]
) -> None:
    server, url = smtp
    await _post(connections, "rah@example.ir", confirm("https://gsb.test", "C" * 32))
    assert await send_due(connections, url, SENDER) == 1
    await _due_now(connections)
    assert await send_due(connections, url, SENDER) == 0
    (message,) = server.taken
    assert (message["to"], message["from"]) == ("rah@example.ir", SENDER)
    assert "تأیید" in message["subject"] and "C" * 32 in message.get_content()
    (kept,) = await outbox.newest(connections)
    assert kept.sent_at is not None and kept.body == ""


async def test_a_refused_mail_holds_up_no_other_and_is_tried_again(
    connections: Connections, smtp: tuple[Server, str]
) -> None:
    server, url = smtp
    server.refused = {"full@example.ir"}
    for to in ("full@example.ir", "rah@example.ir"):
        await _post(connections, to, Letter("a subject", "a text"))
    assert await send_due(connections, url, SENDER) == 1
    (_, waiting) = await outbox.newest(connections)
    assert (waiting.to_address, waiting.last_error, waiting.body) == (
        "full@example.ir", "SMTPRecipientsRefused", "a text",
    )  # fmt: skip
    assert await send_due(connections, url, SENDER) == 0  # not yet
    server.refused = set()
    await _due_now(connections)
    assert await send_due(connections, url, SENDER) == 1
    assert [message["to"] for message in server.taken] == ["rah@example.ir", "full@example.ir"]


async def test_a_server_that_is_away_loses_no_mail(connections: Connections, unused_port: int) -> None:
    await _post(connections, "rah@example.ir", Letter("a subject", "a text"))
    assert await send_due(connections, f"smtp://127.0.0.1:{unused_port}", SENDER) == 0
    (waiting,) = await outbox.newest(connections)
    assert (waiting.sent_at, waiting.tries, waiting.last_error) == (None, 1, "ConnectionRefusedError")


async def test_a_mail_is_given_up_after_ten_tries(connections: Connections, unused_port: int) -> None:
    await _post(connections, "rah@example.ir", Letter("a subject", "a text"))
    for _ in range(12):
        await send_due(connections, f"smtp://127.0.0.1:{unused_port}", SENDER)
        await _due_now(connections)
    (waiting,) = await outbox.newest(connections)
    assert waiting.tries == 10


async def test_a_password_is_not_sent_without_tls(connections: Connections, smtp: tuple[Server, str]) -> None:
    server, url = smtp
    await _post(connections, "rah@example.ir", Letter("a subject", "a text"))
    assert await send_due(connections, url.replace("smtp://", "smtp://user:geheim@"), SENDER) == 0
    assert not any(line.upper().startswith("AUTH") for line in server.heard)


async def test_a_line_in_a_subject_or_address_is_no_header(connections: Connections, smtp: tuple[Server, str]) -> None:
    server, url = smtp
    await _post(connections, "rah@example.ir", Letter("hello\r\nBcc: x@example.org", "a text"))
    assert await send_due(connections, url, SENDER) == 0
    assert server.taken == []


async def test_two_processes_send_each_mail_once(connections: Connections, smtp: tuple[Server, str]) -> None:
    server, url = smtp
    for number in range(30):
        await _post(connections, f"p{number}@example.ir", Letter("a subject", "a text"))
    await asyncio.gather(*(send_due(connections, url, SENDER) for _ in range(4)))
    assert len({message["to"] for message in server.taken}) == len(server.taken) == 30


@pytest.fixture
async def unused_port() -> int:
    """A port at which nobody listens any more."""
    listening = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
    port: int = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    return port
