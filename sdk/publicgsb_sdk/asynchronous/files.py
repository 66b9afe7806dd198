"""Whole releases by their files: as one table, or as they are, on disk."""

import os
import tempfile
from pathlib import Path
from typing import Any

from publicgsb_sdk import tables
from publicgsb_sdk.asynchronous.deadline import aside
from publicgsb_sdk.asynchronous.session import AsyncSession
from publicgsb_sdk.asynchronous.threads import blocking
from publicgsb_sdk.contract import Contract
from publicgsb_sdk.downloads import job
from publicgsb_sdk.downloads.job import Downloaded
from publicgsb_sdk.downloads.line import Line
from publicgsb_sdk.downloads.listing import Listing
from publicgsb_sdk.downloads.watching import Watched, watched
from publicgsb_sdk.manifest import Manifest, opened
from publicgsb_sdk.selection import Item


async def table(
    session: AsyncSession, contract: Contract, listed: Manifest, pyarrow: Any, items: tuple[Item, ...]
) -> Any:
    """All rows of a release as a pyarrow.Table, out of its Parquet files."""
    seq = listed.release
    receipts = [contract.receipt(seq)]
    parts = listed.of("parquet")
    with tempfile.TemporaryDirectory(prefix="pgsb-") as folder:
        if not parts:  # for a moment after a release there is only CSV
            whole = Path(folder, "data.csv")
            with opened(whole) as file:
                await session.file(contract, seq, file)
            return await aside(tables.from_csv, pyarrow, whole, items, listed.rows, receipts)
        paths = [Path(folder, part.name) for part in parts]
        for part, path in zip(parts, paths, strict=True):
            with opened(path) as file:
                await session.part(part, file)
            await aside(part.check, path)
        return await aside(tables.from_parquet, pyarrow, paths, items, listed.rows, receipts)


async def download(
    session: AsyncSession,
    contract: Contract,
    manifest: Manifest,
    path: "str | os.PathLike[str]",
    format_: str,
    line: Line,
    parallel: int,
    progress: Watched,
) -> Downloaded:
    """The files of a release in one format, each whole in its place; or the error, and what came kept beside it."""
    seq = manifest.release
    files = job.chosen(manifest, format_, path)
    listing = Listing(manifest, blocking(lambda: session.manifest(contract, seq)))
    try:
        with session.telling(), watched(progress, session.locale) as told:
            await aside(job.download, line, listing, files, parallel, told)
    finally:
        line.stop.set()  # whoever is cancelled leaves nobody behind that goes on
    return job.downloaded(manifest, files, contract.receipt(seq))
