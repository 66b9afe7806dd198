"""The end of a notice: the old major is withdrawn in favour of the new one, once its last day is over."""

import logging
from datetime import UTC, datetime, timedelta

from publicgsb.datasets import registry_store
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.notices import store
from publicgsb.datasets.notices.model import Notice
from publicgsb.datasets.registry import DatasetState
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import withdraw_in
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections

ACTOR = "system:notice"

log = logging.getLogger(__name__)


async def end_due(connections: Connections, now: datetime) -> list[str]:
    """The datasets that ended now. The jobs process calls it every minute."""
    async with connections.use() as connection:
        due = [notice for notice in await store.open_notices(connection) if is_due(notice, now)]
    return [notice.dataset for notice in due if await _end(connections, notice, now)]


def is_due(notice: Notice, now: datetime) -> bool:
    """Over in UTC, and the new one answered for long enough: who has nowhere to go is not sent away."""
    if notice.sunset_on is None or notice.successor_since is None:
        return False
    is_over = notice.sunset_on < now.astimezone(UTC).date()
    return is_over and notice.successor_since + timedelta(days=notice.beside_days) <= now


async def _end(connections: Connections, notice: Notice, now: datetime) -> bool:
    async with connections.transaction() as connection:
        await registry_store.lock(connection)
        current = await store.open_notice(connection, notice.dataset_id)
        if current is None or current.id != notice.id or not is_due(current, now):
            return False  # postponed, or ended by another process
        entry = (await load_registry(connection)).dataset(*notice.dataset.split("/"))
        await store.end(connection, notice.dataset_id)
        if entry.state is DatasetState.WITHDRAWN:
            state = {"state": "withdrawn"}
            await record(connection, ACTOR, "contract.notice_end", entry.name, before=state, after=state)
            return False
        why = entry.deprecation.reason if entry.deprecation else Label("", "")
        await withdraw_in(connection, entry, why, ACTOR, decided_by=notice.actor)
    log.info("the old major of a dataset has ended", extra={"dataset": notice.dataset, "successor": notice.successor})
    return True
