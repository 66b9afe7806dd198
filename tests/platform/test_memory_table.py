"""docs/operations.md says of each thing that a worker remembers where it ends: the numbers are those of the code."""

from pathlib import Path

import pytest

from publicgsb.apikeys.data_tokens import TOKENS_MAX
from publicgsb.apikeys.keyring import RECORDS_MAX, UNKNOWN_MAX, UNKNOWN_SECONDS
from publicgsb.datasets.demand import counting
from publicgsb.datasets.exports.known import KNOWN_MAX
from publicgsb.datasets.exports.objects import CHUNK_BYTES, FAR_CHUNK_BYTES, READERS_MAX
from publicgsb.datasets.files import DOWNLOADS_MAX
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.statements import TEXT_BYTES_MAX
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.edge.leases import LEASES_MAX
from publicgsb.quotas.facts import OPEN_MAX, PENDING_MAX
from publicgsb.schema.planning.limits import DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX
from publicgsb.schema.serving import heads, persisted, seen, slices, texts
from publicgsb.schema.sql.search import asked

KIB, MIB = 1024, 1024 * 1024
LINES = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8").splitlines()
ENDS = {
    "documents with their plans": (f"{DOCUMENTS_MAX:,}, and {DOCUMENTS_BYTES_MAX // MIB} MiB",),
    "bodies asked last": (f"{seen.SEEN_MAX:,}, and {seen.SEEN_BYTES_MAX // MIB} MiB",),
    "answers |": (f"{Settings.model_fields['kept_answers_bytes'].default // MIB} MiB when unset",),
    "documents by hash": (f"{persisted.REMEMBERED_BYTES_MAX // MIB} MiB",),
    "slices of the schema": (
        f"{slices.SLICES_MAX} of at most {slices.DATASETS_MAX} datasets",
        f"{slices.DOCUMENTS_MAX} documents in {slices.DOCUMENTS_BYTES_MAX // MIB} MiB",
    ),
    "answers to introspection": (f"{texts.KEPT_HERE} spellings",),
    "searches": (f"{asked.cache_parameters()['maxsize']:,}",),
    "keys": (f"{RECORDS_MAX:,}, and {UNKNOWN_MAX:,} unknown ones for {UNKNOWN_SECONDS:.0f} s",),
    "verified tokens": (f"{TOKENS_MAX:,}",),
    "heads of requests": (f"{heads.HEADS_MAX:,}",),
    "usage facts": (f"{OPEN_MAX:,} different ones in a second, {OPEN_MAX + PENDING_MAX:,} while",),
    "demand for what is withheld": (f"{counting.OPEN_MAX:,} different sums",),
    "addresses": (f"{LEASES_MAX:,}",),
    "files that are made": (f"{KNOWN_MAX:,} releases",),
    "downloads": (
        f"{READERS_MAX}, with a chunk of {CHUNK_BYTES // KIB} KiB",
        f"or two of {FAR_CHUNK_BYTES // KIB} KiB",
        f"{DOWNLOADS_MAX} that are streamed",
    ),
    "prepared statements": (f"256 and {TEXT_BYTES_MAX // KIB} KiB of text",),
}


@pytest.mark.parametrize("what", ENDS)
def test_the_page_tells_where_it_ends(what: str) -> None:
    (line,) = [line for line in LINES if line.startswith(f"| {what}")]
    for words in ENDS[what]:
        assert words in line


def test_the_page_tells_how_many_statements_a_connection_keeps() -> None:
    assert Connections("", size=1)._statement_cache_size == 256
