"""Where the parts meet over a breaking contract: who uses what it touches, and telling those who come later."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from publicgsb.datasets.notices import store
from publicgsb.datasets.notices.model import Terms, User
from publicgsb.datasets.notices.telling import announced_by, remind_users, tell_users
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.sql import load
from publicgsb.platform.server.settings import Settings

ACTOR = "system:notice"
REMIND_BEFORE = timedelta(days=14)  # the last day
STILL = timedelta(days=7)  # who asked within so long uses it still

_USERS = load("publicgsb.platform.server", "noticing_sql/users.sql")


def terms_of(settings: Settings) -> Terms:
    return Terms(settings.notice_days, settings.notice_days_min)


async def users_of(connection: Connection, dataset_id: int, major: int, fields: Sequence[str]) -> Sequence[User]:
    """Implements datasets.notices.model.UsersOf. As far as facts are in: those of the last second come later."""
    rows = await connection.fetch(_USERS, dataset_id, major, list(fields))
    return [User(**{**dict(row), "fields": tuple(row["fields"])}) for row in rows]


async def tell_late_users(connections: Connections, today: date | None = None) -> int:
    """Whoever began to use a dataset after its end was announced is told then, and whoever still uses it shortly before
    is told once more; how many organisations.
    """
    today = today or datetime.now(UTC).date()
    async with connections.use() as connection:
        notices = await store.open_notices(connection)
        registry = await load_registry(connection) if notices else None
    count = 0
    for notice in notices:
        assert registry is not None
        version = registry.dataset(*notice.dataset.split("/")).contract.version
        told = announced_by(notice, version, notice.sunset_on)
        async with connections.transaction() as connection:
            users = await users_of(connection, notice.dataset_id, notice.major, notice.touched)
            new, reminded = await tell_users(connection, told, users, notice.id), 0
            if notice.sunset_on and notice.sunset_on - today <= REMIND_BEFORE:
                late = [user for user in users if user.last_on >= today - STILL]
                reminded = await remind_users(connection, told, late, notice.id)
            if new or reminded:
                after = {"told": new, "reminded": reminded}
                await record(connection, ACTOR, "contract.notice_told", notice.dataset, after=after)
            count += new + reminded
    return count


def breaking_announced(told: Mapping[str, Any]) -> tuple[str, str]:
    """The letter that goes with the message."""
    name, successor, last_day = told["dataset"], told["successor"], told["sunsetOn"]
    own = "; ".join(_own(application) for application in told["applications"])
    if successor is None:
        fa_when = f"قرارداد {told['nextVersion']} از انتشار بعدی جای آن را می‌گیرد."
        en_when = f"From its next release on it is under contract {told['nextVersion']}."
    else:
        fa_when = f"تا پایان {last_day} (UTC) مانند پیش پاسخ داده می‌شود؛ جانشین: {successor}"
        en_when = f"It is answered as before until the end of {last_day} (UTC). Its successor: {successor}"
    changes = "\n".join(f"- {one}" for one in told["breaks"])
    return (
        f"Public GSB: {name} — {last_day or told['nextVersion']}",
        f"قرارداد «{name}» تغییری می‌کند که برنامه‌های شما به آن وابسته‌اند: {own}\n{fa_when}\n{changes}\n\n"
        f"The contract of {name} changes in a way that your applications depend on: {own}\n{en_when}\n{changes}\n",
    )


def _own(application: Mapping[str, Any]) -> str:
    fields = ", ".join(application["fields"])
    return f"{application['name']} ({fields})" if fields else str(application["name"])
