"""Where the parts meet over a submission: which applications a change would hurt, and who is written to about it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from publicgsb.datasets.reviews.told import Hurt
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.platform.server"
_HURT = load(_HERE, "reviewing_sql/hurt.sql")
_ADDRESSES = load(_HERE, "reviewing_sql/addresses.sql")

_DECIDED = frozenset({"submission.approved", "submission.sent_back", "submission.failed", "submission.lapsed"})


class HurtApplications:
    """Implements datasets.reviews.http.WouldHurt."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def __call__(self, dataset_id: int, major: int, fields: Sequence[str]) -> Sequence[Hurt]:
        async with self._connections.use() as connection:
            rows = await connection.fetch(_HURT, dataset_id, major, list(fields))
        return [Hurt(**{**row, "fields": tuple(row["fields"])}) for row in rows]


async def addresses_of(connection: Connection, kind: str, told: Mapping[str, Any]) -> list[str]:
    """The addresses of whom a message about a submission concerns."""
    rows = await connection.fetch(_ADDRESSES, told["submission"], kind == "submission.waiting", kind in _DECIDED)
    return [row["email"] for row in rows]


def _letter(fa: str, en: str) -> Callable[[Mapping[str, Any]], tuple[str, str]]:
    def written(told: Mapping[str, Any]) -> tuple[str, str]:
        name, reason = told["dataset"], told.get("reason")
        fa_why, en_why = (f" دلیل: {reason}", f" The reason: {reason}") if reason else ("", "")
        look = f"GET /api/v1/submissions/{told['submission']}"
        return (
            f"Public GSB: {name}",
            f"{fa.format(name=name)}{fa_why} برای دیدن: {look}\n\n"
            f"{en.format(name=name)}{en_why} To look at it: {look}\n",
        )

    return written


SUBMISSION_LETTERS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "submission.in_review": _letter(
        "پرونده‌ای برای «{name}» در انتظار بررسی شماست.", "A file for {name} waits for your review."
    ),
    "submission.waiting": _letter(
        "پرونده‌ای برای «{name}» دو روز است که در انتظار بررسی است؛ جانشین نیز از این پس می‌تواند تصمیم بگیرد.",
        "A file for {name} has waited for a review for two days; from now on the deputy may decide as well.",
    ),
    "submission.approved": _letter("پروندهٔ شما برای «{name}» تأیید شد.", "Your file for {name} was approved."),
    "submission.sent_back": _letter("پروندهٔ شما برای «{name}» بازگردانده شد.", "Your file for {name} was sent back."),
    "submission.failed": _letter(
        "پروندهٔ شما برای «{name}» پذیرفته نشد؛ گزارش می‌گوید چرا.",
        "Your file for {name} did not pass; its report says why.",
    ),
    "submission.lapsed": _letter(
        "تأیید پروندهٔ شما برای «{name}» دیگر برقرار نیست و پرونده دوباره بررسی می‌شود.",
        "The approval of your file for {name} no longer holds; it is being checked again.",
    ),
}
