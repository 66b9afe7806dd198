"""polars, lazily, over HTTP."""

import importlib.metadata

from tests.compat.ground import Ground
from tests.compat.reading import CHECKED, check_by_python
from tests.compat.tool import Kind, Tool

SNIPPET = """
import os, polars

url = os.environ["PGSB_URL"] + "/files/interior/villages/latest/part-00001.parquet"
frame = polars.scan_parquet(url).collect()
"""

PROOF = "tell({name: frame[name].to_list() for name in frame.columns})"


def check(ground: Ground, snippet: str) -> None:
    check_by_python(ground, snippet, PROOF)


TOOL = Tool(
    "polars",
    Kind.READING,
    lambda _: importlib.metadata.version("polars"),
    "python",
    SNIPPET,
    CHECKED,
    check,
    "It sends no key of ours: of data that are not open, take the signed address of the list ([files.md](files.md)). "
    "Of a CSV, `read_csv(url, infer_schema=False)` keeps codes.",
)
