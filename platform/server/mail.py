"""Sending what the outbox holds, by SMTP, in the jobs process. A mail that was not taken is tried again ten times."""

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from publicgsb.apikeys.mail import outbox
from publicgsb.apikeys.mail.outbox import Outgoing
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings

LOOK_SECONDS = 2.0
SMTP_SECONDS = 30.0

log = logging.getLogger(__name__)


async def send_all(connections: Connections, settings: Settings) -> None:
    """Until nothing more is taken; without GSB_SMTP_URL nothing is sent, and `gsb org outbox` shows what waits."""
    if settings.smtp_url is not None:
        while await send_due(connections, settings.smtp_url.get_secret_value(), settings.mail_from):
            pass


async def send_due(connections: Connections, smtp_url: str, mail_from: str) -> int:
    """Try every mail that is due; returns how many were taken. No address and no text is logged."""
    due = await outbox.claim(connections)
    if not due:
        return 0
    outcomes = await asyncio.to_thread(_send, smtp_url, mail_from, due)
    for mail, error in zip(due, outcomes, strict=True):
        if error is None:
            await outbox.note_sent(connections, mail.id)
        else:
            log.warning("mail %d was not taken: %s", mail.id, error)
            await outbox.note_failed(connections, mail.id, error)
    return outcomes.count(None)


def _send(smtp_url: str, mail_from: str, due: Sequence[Outgoing]) -> list[str | None]:
    """For each mail None, or what went wrong, without the server's words: they may repeat the address."""
    outcomes: list[str | None] = []
    try:
        with _connect(smtp_url) as server:
            for mail in due:
                try:
                    server.send_message(_message(mail, mail_from))
                    outcomes.append(None)
                except smtplib.SMTPServerDisconnected:
                    raise
                except (smtplib.SMTPException, ValueError) as refused:
                    outcomes.append(type(refused).__name__)
    except (OSError, smtplib.SMTPException) as away:
        outcomes += [type(away).__name__] * (len(due) - len(outcomes))
    return outcomes


def _connect(smtp_url: str) -> smtplib.SMTP:
    """With TLS from the start (smtps) or when offered (smtp); a password is never sent without."""
    parts = urlsplit(smtp_url)
    host, context = parts.hostname or "", ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SMTP_SECONDS, context=context)
        is_private = True
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SMTP_SECONDS)
        server.ehlo()
        is_private = server.has_extn("starttls")
        if is_private:
            server.starttls(context=context)
    if parts.username:
        if not is_private:
            server.close()
            raise smtplib.SMTPNotSupportedError("the server offers no TLS for the password")
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _message(mail: Outgoing, mail_from: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail_from, mail.to_address, mail.letter.subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=mail_from.rpartition("@")[2].strip(">"))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.letter.body)
    return message
