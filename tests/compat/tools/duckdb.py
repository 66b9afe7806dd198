"""DuckDB, which reads the columns and row groups that a question needs out of a Parquet file over HTTP."""

from pathlib import Path

import duckdb
import duckdb_extension_httpfs

from tests.compat.ground import Ground
from tests.compat.reading import CHECKED, check_by_python
from tests.compat.tool import Kind, Tool

SNIPPET = """
import duckdb, os

duckdb.sql("install httpfs; load httpfs")
duckdb.sql(f"create secret (type http, bearer_token '{os.environ['PGSB_API_KEY']}')")
found = duckdb.read_parquet(os.environ["PGSB_URL"] + "/files/interior/villages/latest/part-00001.parquet")
"""

INSTALL = "install httpfs; load httpfs"

PROOF = "tell(found.to_arrow_table().to_pydict())"


def check(ground: Ground, snippet: str) -> None:
    """By the extension that PyPI has, as there may be no way to DuckDB's own place for them."""
    extension = next(Path(duckdb_extension_httpfs.__file__).parent.glob("extensions/*/httpfs.duckdb_extension"))
    assert INSTALL in snippet
    check_by_python(ground, snippet.replace(INSTALL, f"load '{extension}'"), PROOF)


TOOL = Tool(
    "DuckDB",
    Kind.READING,
    lambda _: duckdb.__version__,
    "python",
    SNIPPET,
    CHECKED,
    check,
    "Codes are `VARCHAR`, moments `TIMESTAMP WITH TIME ZONE`. Of a CSV, `read_csv(url, all_varchar=true)` makes no "
    "number of any code.",
)
