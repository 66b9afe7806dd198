"""Rows by the batch, bounded in rows and in bytes: a batch of very long rows ends early."""

from collections.abc import Sequence

from publicgsb.datasets.formats.model import ColumnSource, RowSource
from publicgsb.datasets.ingest.model import MIB

BATCH_ROWS = 4_096
_BATCH_BYTES_MAX = 8 * MIB
_STEP_ROWS = 64


def next_batch(source: RowSource) -> list[Sequence[str]]:
    """The next rows, none at the end; those up to where columns may be tried again."""
    has_columns = isinstance(source, ColumnSource)
    bytes_max = source.content_bytes() + _BATCH_BYTES_MAX
    batch = list(source.next_rows(_STEP_ROWS))
    step = len(batch)
    while step and len(batch) < BATCH_ROWS and source.content_bytes() < bytes_max:
        if has_columns and step < _STEP_ROWS:
            break
        rows = source.next_rows(_STEP_ROWS)
        step = len(rows)
        batch += rows
    return batch
