"""Rows by the batch, bounded in rows and in bytes: a batch of very long rows ends early."""

from collections.abc import Sequence

from publicgsb.datasets.formats.model import RowSource
from publicgsb.datasets.ingest.model import MIB

BATCH_ROWS = 4_096
_BATCH_BYTES_MAX = 8 * MIB
_STEP_ROWS = 64


def next_batch(source: RowSource) -> list[Sequence[str]]:
    """The next rows, none at the end."""
    bytes_max = source.content_bytes() + _BATCH_BYTES_MAX
    batch = list(source.next_rows(_STEP_ROWS))
    while batch and len(batch) < BATCH_ROWS and source.content_bytes() < bytes_max:
        rows = source.next_rows(_STEP_ROWS)
        if not rows:
            break
        batch += rows
    return batch
