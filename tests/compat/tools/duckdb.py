"""DuckDB, which reads the columns and row groups that a question needs out of a Parquet file over HTTP."""

from pathlib import Path

import duckdb
import duckdb_extension_httpfs

from tests.compat.ground import Ground
from tests.compat.known import VILLAGES
from tests.compat.reading import CHECKED, check_by_python, check_csv
from tests.compat.tool import Kind, Tool

SNIPPET = """
import duckdb, os

duckdb.sql("install httpfs; load httpfs")
duckdb.sql(f"create secret (type http, bearer_token '{os.environ['PGSB_API_KEY']}')")
found = duckdb.read_parquet(os.environ["PGSB_URL"] + "/files/interior/villages/1/part-00001.parquet")
"""

INSTALL = "install httpfs; load httpfs"

PROOF = "tell(found.to_arrow_table().to_pydict())"


TEXTS = """
url = os.environ["PGSB_URL"] + "/files/interior/villages/latest/data.csv"
duckdb.read_csv(url, all_varchar=True).write_csv("texts.csv")
print("null")
"""


def check(ground: Ground, snippet: str) -> None:
    """By the extension that PyPI has, as there may be no way to DuckDB's own place for them."""
    extension = next(Path(duckdb_extension_httpfs.__file__).parent.glob("extensions/*/httpfs.duckdb_extension"))
    assert INSTALL in snippet
    loading = snippet.replace(INSTALL, f"load '{extension}'")
    check_by_python(ground, loading, PROOF)
    ground.python(loading, TEXTS)
    check_csv(ground, VILLAGES, (ground.folder / "texts.csv").read_text(encoding="utf-8"))


TOOL = Tool(
    "DuckDB",
    Kind.READING,
    lambda _: duckdb.__version__,
    "python",
    SNIPPET,
    f"{CHECKED}; of a CSV as texts too",
    check,
    "Codes are `VARCHAR`, moments `TIMESTAMP WITH TIME ZONE`. Of a CSV, `read_csv(url, all_varchar=true)` makes no "
    "number of any code.",
)
