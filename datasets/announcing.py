"""What datasets tell by the outbox, each in the transaction that did it: to everybody who wants to hear, as the
catalogue is everybody's.
"""

from typing import Any

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.outbox import publish


async def tell_everybody(connection: Connection, kind: str, dataset: str, **details: Any) -> None:
    """`dataset` is written `agency/dataset`; `details` are the catalogue's."""
    await publish(connection, kind, {"dataset": dataset, **details})
