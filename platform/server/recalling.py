"""Where the parts meet over a recall: who has read the release, and telling them.

Facts come in after they happened: those of the last seconds soon, those that a worker spooled when it is replayed. So
whom to tell is asked again for a while, and each organisation is told once.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from publicgsb.datasets.releases.recall import Reach
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.outbox import publish
from publicgsb.platform.kernel.sql import load

ACTOR = "system:recall"
TELL_MAX = 500  # in one transaction
NAMED_MAX = 50  # applications in one message

_HERE = "publicgsb.platform.server"
_DUE = load(_HERE, "recalling_sql/due.sql")
_REACH = load(_HERE, "recalling_sql/reach.sql")
_TAKE_UNTOLD = load(_HERE, "recalling_sql/take_untold.sql")


async def reach_of(connection: Connection, release_id: int) -> Reach:
    """Implements datasets.releases.recall.ReachOf."""
    row = await connection.fetchrow(_REACH, release_id)
    assert row is not None
    return Reach(**row)


async def tell_readers(connections: Connections) -> int:
    """By webhook and mail, each organisation that read a recalled release; how many were told now."""
    async with connections.transaction() as connection:
        due = [row["release_id"] for row in await connection.fetch(_DUE)]
    told, taken = 0, TELL_MAX if due else 0
    while taken == TELL_MAX:
        async with connections.transaction() as connection:
            rows = await connection.fetch(_TAKE_UNTOLD, due, TELL_MAX)
            for row in rows:
                await publish(connection, "copy.recalled", _payload(dict(row)), organisation_id=row["organisation_id"])
            for (dataset, seq), organisations in sorted(Counter((row["dataset"], row["seq"]) for row in rows).items()):
                after = {"release": seq, "organisations": organisations}
                await record(connection, ACTOR, "release.recall_told", dataset, after=after)
        taken = len(rows)
        told += taken
    return told


def _payload(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "dataset": row["dataset"],
        "release": row["seq"],
        "sha256": row["sha256"],
        "reason": {"fa": row["reason_fa"], "en": row["reason_en"]},
        "applications": row["applications"][:NAMED_MAX],
        "requests": row["requests"],
        "bytes": row["bytes"],
    }


def copy_recalled(told: Mapping[str, Any]) -> tuple[str, str]:
    """The letter that goes with the message."""
    name, seq, names = told["dataset"], told["release"], ", ".join(told["applications"])
    return (
        f"Public GSB: {name} {seq} — بازپس‌گیری / recalled",
        f"نسخهٔ {seq} از «{name}» پس گرفته شد و دیگر هیچ‌جا خواندنی نیست. دلیل: {told['reason']['fa']}\n"
        f"برنامه‌های شما آن را خوانده‌اند ({names}؛ {told['bytes']:,} بایت). هر رونوشتی را که نگه داشته‌اید پاک کنید.\n\n"
        f"Release {seq} of {name} was recalled and is not readable anywhere. The reason: {told['reason']['en']}\n"
        f"Your applications have read it ({names}; {told['bytes']:,} bytes). Delete every copy that you keep.\n",
    )
