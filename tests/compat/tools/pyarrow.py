"""pyarrow: some columns and some rows of a file that stays where it is."""

from tests.compat.environments import pinned
from tests.compat.ground import Ground
from tests.compat.reading import CHECKED, check_by_python
from tests.compat.tool import Kind, Tool

SNIPPET = """
import fsspec, os, pyarrow.dataset

http = fsspec.filesystem("http", headers={"X-API-Key": os.environ["PGSB_API_KEY"]})
url = os.environ["PGSB_URL"] + "/files/interior/villages/1/part-00001.parquet"
table = pyarrow.dataset.dataset(url, filesystem=http, format="parquet").to_table()
"""

PROOF = """
columns = table.column_names[:2]
part = pyarrow.dataset.dataset(url, filesystem=http, format="parquet").to_table(columns=columns)
assert part == table.select(columns)
tell(table.to_pydict())
"""


def check(ground: Ground, snippet: str) -> None:
    check_by_python(ground, snippet, PROOF, "files")


TOOL = Tool(
    "pyarrow",
    Kind.READING,
    lambda _: pinned("files", "pyarrow"),
    "python",
    SNIPPET,
    f"{CHECKED}; two columns alone are the same",
    check,
    "`to_table(columns=[…], filter=…)` fetches what it needs, by ranges.",
)
