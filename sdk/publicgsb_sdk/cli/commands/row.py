"""`pgsb row list`: records of a dataset."""

from collections.abc import Iterable, Iterator
from typing import Any

import click

from publicgsb_sdk.cli import releases
from publicgsb_sdk.cli import where as written
from publicgsb_sdk.cli.columns import columns_of, exact, fields_of, selected
from publicgsb_sdk.cli.frame import Commands, Frame, dry_run_option, pass_frame
from publicgsb_sdk.cli.library import PAGE_ROWS, Page
from publicgsb_sdk.cli.output import Format, counted, note

TABLE_ROWS = 50


@click.group(cls=Commands)
def row() -> None:
    """Read records."""


@row.command("list")
@click.argument("name", metavar="DATASET")
@click.option(
    "--where", "-w", multiple=True, help="field=value, or >= <= > < ~= (contains) ^= (begins with), or field:in=a,b"
)
@click.option("--select", "-s", multiple=True, help="Fields, parted by commas; of linked records country.name_fa.")
@click.option("--order", help="A declared order: name, or -name for the reverse.")
@click.option("--limit", "-n", type=click.IntRange(0), help=f"At most so many; a table shows {TABLE_ROWS} without it.")
@click.option("--all", "is_all", is_flag=True, help="To the end in a table too; everywhere else that is so anyway.")
@click.option("--release", help=f"Of this release instead of the current one: {releases.HELP}.")
@dry_run_option
@pass_frame
def list_(
    frame: Frame,
    name: str,
    where: tuple[str, ...],
    select: tuple[str, ...],
    order: str | None,
    limit: int | None,
    is_all: bool,
    release: str | None,
    dry_run: bool,
) -> None:
    """Records of DATASET, written as they come, a page in memory at a time.

    --dry-run says what the first page would cost.
    """
    client = frame.client()
    query = client.dataset(name)
    contract = query.contract
    names = selected(select)
    fields = fields_of(names, contract, lambda other: client.dataset(other).contract)
    for condition in written.conditions(where, contract):
        query = query.where(condition)
    query = query.select(*names) if names else query
    query = query.order_by(order) if order else query
    query = query.release(releases.release_of(release)) if release else query
    is_shortened = frame.shown is Format.TABLE and limit is None and not is_all
    wanted = TABLE_ROWS + 1 if is_shortened else limit
    query = query if wanted is None else query.limit(wanted)
    if dry_run:
        frame.writer.one(
            {
                "dataset": contract.id,
                "pointsOfFirstPage": query.price(),
                "rowsOfFirstPage": PAGE_ROWS if wanted is None else min(wanted, PAGE_ROWS),
            }
        )
        return
    account = _Account(frame, TABLE_ROWS if is_shortened else None)
    frame.writer.rows(columns_of(fields), exact(fields, account.rows(query.pages())))
    account.tell()


class _Account:
    """What was read and what it cost, told at the end or when it is interrupted."""

    def __init__(self, frame: Frame, shown_max: int | None) -> None:
        self._frame = frame
        self._shown_max = shown_max
        self._rows = self._points = 0
        self._is_shortened = False
        self._sources: dict[str, None] = {}

    def rows(self, pages: Iterable[Page]) -> Iterator[dict[str, Any]]:
        for page in pages:
            self._points += page.cost.actual if page.cost else 0
            for receipt in page.receipt:
                about = f"{receipt.agency}/{receipt.dataset} release {receipt.release}, {receipt.licence}"
                self._sources[f"{about}: {receipt.attribution}"] = None
            for row in page.rows:
                if self._shown_max is not None and self._rows >= self._shown_max:
                    self._is_shortened = True
                    return
                self._rows += 1
                yield row
            self._frame.left = f"{self._said()} had been written."

    def tell(self) -> None:
        note(f"{self._said()}.")
        for source in self._sources:
            note(f"Source: {source}")
        if self._is_shortened:
            note(f"There are more: --all shows them, --limit another number than {self._shown_max}.")

    def _said(self) -> str:
        return f"{counted(self._rows, 'row')}, {counted(self._points, 'point')}"
