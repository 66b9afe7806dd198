"""polars, lazily, over HTTP."""

import importlib.metadata

from tests.compat.ground import Ground
from tests.compat.known import VILLAGES
from tests.compat.reading import CHECKED, check_by_python, check_csv
from tests.compat.tool import Kind, Tool

SNIPPET = """
import os, polars

url = os.environ["PGSB_URL"] + "/files/interior/villages/1/part-00001.parquet"
frame = polars.scan_parquet(url).collect()
"""

PROOF = "tell({name: frame[name].to_list() for name in frame.columns})"


SIGNED = """
import json, urllib.request

list_ = os.environ["PGSB_URL"] + "/api/v1/agencies/interior/datasets/villages/releases/latest/files"
asked = urllib.request.Request(list_, headers={"X-API-Key": os.environ["PGSB_API_KEY"]})
listed = json.load(urllib.request.urlopen(asked))
assert polars.read_parquet(listed["parts"][0]["url"]).equals(frame)
print(json.dumps(polars.read_csv(listed["csv"]["url"], infer_schema=False).write_csv()))
"""


def check(ground: Ground, snippet: str) -> None:
    check_by_python(ground, snippet, PROOF)
    check_csv(ground, VILLAGES, ground.python(snippet, SIGNED))


TOOL = Tool(
    "polars",
    Kind.READING,
    lambda _: importlib.metadata.version("polars"),
    "python",
    SNIPPET,
    f"{CHECKED}; the same by signed addresses, and of a CSV as texts",
    check,
    "It sends no key of ours: of data that are not open, take the signed address of the list ([files.md](files.md)). "
    "Of a CSV, `read_csv(url, infer_schema=False)` keeps codes.",
)
