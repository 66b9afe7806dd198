"""What only a database can say of a file, before anything is declared or released: which rows share a key, and how
often its links would find their records.
"""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from publicgsb.datasets.contracts.model import Contract, Label, Link
from publicgsb.datasets.ingest.links import LinkFound
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.ingest.report import Ingested, Report
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import links, table, unmatched
from publicgsb.datasets.releases.identifiers import released
from publicgsb.datasets.releases.indexing import build_indexes
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.database import Connection, Connections


class _CountedError(Exception):
    """Leaving the transaction by it removes the rows."""


async def with_keys_and_links(
    connections: Connections, contract: Contract, ingested: Ingested, copy_file: Path
) -> Report:
    """The report with what a release of the file would tell of its keys and its own links, and refuse for.

    Nothing is left of it.
    """
    name = f"check_{secrets.token_hex(8)}"
    found: list[LinkFound] = []
    errors: list[RowError] = []
    missing: list[Label] = []
    clashing: list[RowError] = []
    counts: dict[ErrorCode, int] = {}
    try:
        async with private(connections) as connection, connection.transaction():
            await connection.execute("set local statement_timeout = 0")
            await connection.execute(table.create_table(contract, name))
            columns = list(ingested.copy_columns)
            await connection.copy_to_table(
                name, source=copy_file, schema_name="released", columns=columns, format="text", freeze=True
            )
            clashing, counts = await build_indexes(connection, contract, name)
            if clashing:
                raise _CountedError
            await connection.execute(f"analyze {released(name)}")
            registry = await load_registry(connection)
            missing += [_unreleased(link.name, link.target) for link in _nowhere(contract, registry)]
            for pair in _pairs(contract, registry, links.Side(0, name, frozenset(columns))):
                await _count(connection, pair, found, errors)
            raise _CountedError
    except _CountedError:
        report = replace(ingested.report, links=tuple(found), notes=(*ingested.report.notes, *missing))
    if clashing:
        return unlinked(report.with_errors(clashing, counts), contract, NO_LINKS)
    return report.with_errors(errors)


def needs_database(contract: Contract) -> bool:
    return bool(contract.links or contract.unique_keys)


def unlinked(report: Report, contract: Contract, why: Label) -> Report:
    """The report, saying what nobody looked at."""
    is_told = bool(contract.links) if why is NO_LINKS else needs_database(contract)
    return replace(report, notes=(*report.notes, why)) if is_told else report


NO_DATABASE = Label(
    "یکتایی کلیدها و پیوندها سنجیده نشد: پایگاه داده‌ای تنظیم نشده است.",
    "Whether keys repeat and what links find was not checked: no database is configured (GSB_DATABASE_URL).",
)
NO_ANSWER = Label(
    "یکتایی کلیدها و پیوندها سنجیده نشد: پایگاه داده پاسخ نمی‌دهد.",
    "Whether keys repeat and what links find was not checked: the database does not answer.",
)
NO_ROWS = Label(
    "یکتایی کلیدها و پیوندها سنجیده نشد: نخست خطاهای ردیف‌ها را برطرف کنید.",
    "Whether keys repeat and what links find is checked once the file has no errors.",
)
NO_LINKS = Label(
    "پیوندها سنجیده نشد: نخست کلیدهای تکراری را برطرف کنید.",
    "What links find is checked once no key repeats.",
)


async def _count(connection: Connection, pair: links.Pair, found: list[LinkFound], errors: list[RowError]) -> None:
    rate = await links.count(connection, pair)
    if rate is None:
        return
    told = await unmatched.look(connection, pair, rate)
    found.append(told)
    if (error := links.objection(pair, rate, pair.owner, told)) is not None:
        errors.append(error)


def _pairs(contract: Contract, registry: Registry, new: links.Side) -> Iterator[links.Pair]:
    for link in contract.links:
        is_itself = link.target == (contract.agency, contract.dataset)
        target = new if is_itself else links.side_of(registry.datasets.get(link.target))
        if target is not None:
            yield links.Pair(contract.slug, link, new, target, was_matching=False)


def _nowhere(contract: Contract, registry: Registry) -> Iterator[Link]:
    for link in contract.links:
        is_itself = link.target == (contract.agency, contract.dataset)
        if not is_itself and links.side_of(registry.datasets.get(link.target)) is None:
            yield link


def _unreleased(name: str, target: tuple[str, str]) -> Label:
    goal = "/".join(target)
    return Label(
        f"پیوند «{name}» سنجیده نشد: {goal} هنوز انتشاری ندارد.",
        f"The link {name} was not checked: {goal} has no release.",
    )
