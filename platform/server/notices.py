"""Mails that follow from messages of the outbox, queued in the transaction that spreads them: so each once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from publicgsb.apikeys.webhooks.model import Message
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load
from publicgsb.platform.server.noticing import breaking_announced
from publicgsb.platform.server.portal.formats import day, number
from publicgsb.platform.server.recalling import copy_recalled
from publicgsb.platform.server.requesting import REQUEST_LETTERS
from publicgsb.platform.server.reviewing import SUBMISSION_LETTERS, addresses_of

# Queues a mail (address, subject, text) inside the caller's transaction.
Post: TypeAlias = Callable[[Connection, str, str, str], Awaitable[None]]

_ADDRESSES = load("publicgsb.platform.server", "notices_sql/addresses.sql")

_UNITS_FA = {"month": "امتیاز این ماه", "files_day": "بایت‌های امروز"}
_REASONS = {
    "gone": ("گیرنده پاسخ ۴۱۰ داد", "its receiver answered 410"),
    "failing": ("پنج روز هیچ پیامی را نپذیرفت", "its receiver took no message for five days"),
}


@dataclass(frozen=True, slots=True)
class Notices:
    """Implements apikeys.webhooks.courier.Hearer."""

    post: Post

    async def __call__(self, connection: Connection, message: Message) -> None:
        write = _LETTERS.get(message.kind)
        if write is None:
            return
        subject, text = write(message.payload)
        if message.kind in SUBMISSION_LETTERS:
            addresses = await addresses_of(connection, message.kind, message.payload)
        else:
            rows = await connection.fetch(_ADDRESSES, message.organisation_id, message.agency_id)
            addresses = [row["email"] for row in rows]
        for address in addresses:
            await self.post(connection, address, subject, text)


def _day_fa(moment: str) -> str:
    return day(datetime.fromisoformat(moment).date(), "fa")


def _threshold(told: Mapping[str, Any]) -> tuple[str, str]:
    percent, policy = told["percent"], str(told["policy"])
    spent, limit = told["used"] + told["reserved"], told["limit"]
    return (
        f"Public GSB: {percent} % — {policy}",
        f"از سهم «{policy}» ({_UNITS_FA.get(policy, policy)}) برنامهٔ شمارهٔ {number(told['application'], 'fa')}، "
        f"{number(percent, 'fa')} درصد مصرف یا کنار گذاشته شده است: {number(spent, 'fa')} از {number(limit, 'fa')}. "
        f"دورهٔ تازه: {_day_fa(told['resetsAt'])}\n\n"
        f"{percent} % of “{policy}” of your application {told['application']} is used or set aside: "
        f"{spent:,} / {limit:,}. "
        f"A new period begins at {told['resetsAt']}. GET /api/v1/quota shows the present state.\n",
    )


def _disabled(told: Mapping[str, Any]) -> tuple[str, str]:
    reason = str(told["reason"])
    fa, en = _REASONS.get(reason, (reason, reason))
    test = f"POST /api/v1/webhooks/{told['webhook']}/test"
    replay = f"POST /api/v1/webhooks/{told['webhook']}/replay"
    return (
        f"Public GSB: وب‌هوک {told['webhook']} خاموش شد / webhook {told['webhook']} was turned off",
        f"وب‌هوک «{told['label']}» دیگر پیامی نمی‌گیرد: {fa}. برای روشن‌کردن: {test}؛ برای آنچه نرسیده: {replay}\n\n"
        f"Your webhook “{told['label']}” gets nothing any more: {en}. Once the receiver answers again: {test}; "
        f"for what was missed: {replay}\n",
    )


def _expiring(told: Mapping[str, Any]) -> tuple[str, str]:
    key, label, days, ends = told["key"], told["label"], told["days"], told["expiresAt"]
    return (
        f"Public GSB: کلید {key} / key {key}: {days}",
        f"کلید «{label}» ({key}) تا {number(days, 'fa')} روز دیگر پایان می‌یابد: {_day_fa(ends)}. "
        f"جانشین: POST /api/v1/keys/{key}/rotate\n\n"
        f"Your key “{label}” ({key}) ends within {days} days, at {ends}. A successor: POST /api/v1/keys/{key}/rotate\n",
    )


def _approved(told: Mapping[str, Any]) -> tuple[str, str]:
    plan = told["plan"]
    return (
        "Public GSB: تأیید شد / approved",
        f"سازمان شما تأیید شد و اکنون در طرح «{plan}» است؛ برای دادهٔ محدود هم می‌توانید درخواست دهید: "
        "POST /api/v1/grants\n\n"
        f"Your organisation was approved and is on the plan “{plan}” now. It may apply for restricted data, too: "
        "POST /api/v1/grants\n",
    )


def _suspended(told: Mapping[str, Any]) -> tuple[str, str]:
    reason = told["reason"]
    return (
        "Public GSB: تعلیق شد / suspended",
        f"سازمان شما تعلیق شد و هیچ‌یک از کلیدها و نشان‌هایش کار نمی‌کند: {reason}. به گردانندهٔ این درگاه بنویسید.\n\n"
        f"Your organisation was suspended, and none of its keys and tokens works: {reason}. Write to whoever runs this "
        "service.\n",
    )


def _resumed(_: Mapping[str, Any]) -> tuple[str, str]:
    return (
        "Public GSB: تعلیق پایان یافت / resumed",
        "تعلیق سازمان شما پایان یافت؛ کلیدها و نشان‌هایش دوباره کار می‌کنند.\n\n"
        "The suspension of your organisation has ended; its keys and tokens work again.\n",
    )


_LETTERS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "quota.threshold": _threshold,
    "webhook.disabled": _disabled,
    "key.expiring": _expiring,
    "organisation.approved": _approved,
    "organisation.suspended": _suspended,
    "organisation.resumed": _resumed,
    "copy.recalled": copy_recalled,
    "contract.breaking_announced": breaking_announced,
    **SUBMISSION_LETTERS,
    **REQUEST_LETTERS,
}
