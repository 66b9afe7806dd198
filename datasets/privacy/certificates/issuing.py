"""The certificate of a release, written in the transaction that makes it current: neither is without the other."""

from dataclasses import replace
from datetime import datetime

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.ingest.report import Ingested
from publicgsb.datasets.privacy.certificates import store
from publicgsb.datasets.privacy.certificates.document import as_text, certificate, digest
from publicgsb.datasets.privacy.linkage.counting import linkage
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.releases.model import Target
from publicgsb.platform.kernel.database import Connection


async def with_linkage(
    connection: Connection, contract: Contract, table: str, ingested: Ingested, registry: Registry
) -> Ingested:
    """The same, its report with what joining the loaded table with other agencies' releases would tell of persons."""
    privacy = ingested.report.privacy
    if privacy is None or privacy.anonymity is None:
        return ingested
    found = await linkage(connection, contract, table, privacy.anonymity.columns, registry)
    return replace(ingested, report=replace(ingested.report, privacy=replace(privacy, linkage=found)))


async def issue(
    connection: Connection,
    release_id: int,
    target: Target,
    ingested: Ingested,
    published_at: datetime,
    reviewer: str | None = None,
) -> str | None:
    """The hash of the certificate, for the audit; None for rows that no gate saw."""
    if ingested.report.privacy is None:
        return None
    text = as_text(certificate(target.contract, target.next_seq, ingested, published_at, reviewer))
    sha256 = digest(text)
    await store.insert(connection, release_id, text, sha256)
    return sha256
