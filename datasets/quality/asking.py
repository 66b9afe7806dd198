"""What the jobs process does for quality, again and again: asks the addresses of the catalogue whether they answer, and
counts what was released before releases were counted.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from publicgsb.datasets import registry_store
from publicgsb.datasets.exports.dcat import page_url
from publicgsb.datasets.exports.distributions import Distribution, distributions
from publicgsb.datasets.exports.model import FileFormat
from publicgsb.datasets.exports.store import made_of
from publicgsb.datasets.quality import counting, store
from publicgsb.datasets.quality.head import head_status
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections

Ask: TypeAlias = Callable[[str], Awaitable[int | None]]

AT_A_TIME = 8  # datasets per look; each is up to four requests, and the service admits so many of one address
COUNTER = "system:quality"  # nobody: the release asked for it
_LATER = 429  # it does not say whether the address answers


async def ask_due(connections: Connections, base_url: str, ask: Ask = head_status) -> int:
    """How many datasets were asked for; what is found is written down one by one."""
    async with connections.use() as connection:
        due = await store.due(connection, AT_A_TIME)
        registry = await load_registry(connection) if due else None
    asked = 0
    for name in due:
        entry = registry.datasets.get(name) if registry else None
        if entry is not None and entry.current is not None:
            asked += await _ask(connections, base_url, ask, entry)
    return asked


async def _ask(connections: Connections, base_url: str, ask: Ask, entry: DatasetEntry) -> bool:
    assert entry.current is not None
    async with connections.use() as connection:
        made = (await made_of(connection, [entry.current.id])).get(entry.current.id)
    access = await ask(page_url(entry, base_url))
    files = {one.name: await ask(one.url) for one in _one_of_each(distributions(entry, base_url, made)).values()}
    if _LATER in (access, *files.values()):
        return False
    async with connections.transaction() as connection:
        await store.set_answered(connection, entry.id, entry.current.id, access, files)
    return True


def _one_of_each(files: tuple[Distribution, ...]) -> Mapping[FileFormat, Distribution]:
    """The first of each format: the parts of one are made and served alike."""
    found: dict[FileFormat, Distribution] = {}
    for one in files:
        found.setdefault(one.format, one)
    return found


async def count_uncounted(connections: Connections) -> int:
    """Current releases of before they were counted; every worker hears of it by a new registry version."""
    async with connections.use() as connection:
        waiting = await store.uncounted(connection, AT_A_TIME)
        registry = await load_registry(connection) if waiting else None
    for one in waiting:
        assert registry is not None
        entry = registry.datasets.get((one.agency, one.dataset))
        if entry is None or entry.current is None or entry.current.id != one.release_id:
            continue
        release = entry.current
        async with connections.transaction() as connection:
            await connection.execute("set local statement_timeout = 0")  # a table is as large as it is
            counted = await counting.count(
                connection, release.contract, release.table, one.rows_read, one.normalisations
            )
            await registry_store.lock(connection)
            await store.set_counted(connection, release.id, counted)
            version = await registry_store.next_version(connection, schema_changed=False)
            await record(
                connection,
                COUNTER,
                "release.count",
                entry.name,
                before={"counted": False},
                after={"release": release.seq},
            )
            await registry_store.announce_version(connection, version)
    return len(waiting)
