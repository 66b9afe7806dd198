"""A release that is looked at and undone: what `gsb dataset validate --links` says of keys and links."""

from pathlib import Path

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.ingest.report import Report
from publicgsb.datasets.releases import service
from publicgsb.datasets.releases import store as releases
from publicgsb.datasets.releases.model import Built, Progress
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.server.cli.frame import Context
from publicgsb.platform.server.cli.using import operator


async def rehearse(
    context: Context, connections: Connections, contract: Contract, file: Path, told: Progress
) -> Report:
    """Everything up to the swap, in a transaction that is undone."""

    async def seen(connection: Connection, built: Built) -> None:
        pass

    async with connections.use() as connection:
        declared = (await releases.target(connection, contract.agency, contract.dataset)).contract
    if declared.sha256 != contract.sha256:
        raise Conflict(
            f"The declared contract of {contract.slug} is another one.",
            reason="contract",
            hint="`gsb dataset add CONTRACT` declares it; callers see nothing of it before the next release.",
        )
    outcome = await service.release_file(
        *(connections, context.settings.state_dir, contract.agency, contract.dataset, file, operator()),
        progress=told,
        examine=seen,
    )
    return outcome.report
