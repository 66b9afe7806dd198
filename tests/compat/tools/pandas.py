"""pandas: Parquet with the types of the contract, or a CSV as texts."""

import importlib.metadata

from tests.compat.ground import Ground
from tests.compat.reading import CHECKED, check_by_python, check_csv, snippets
from tests.compat.tool import Kind, Tool

SNIPPET = """
import os, pandas

url, key = os.environ["PGSB_URL"] + "/files/interior/villages/latest", {"X-API-Key": os.environ["PGSB_API_KEY"]}
frame = pandas.read_parquet(f"{url}/part-00001.parquet", storage_options=key)
texts = pandas.read_csv(f"{url}/data.csv", storage_options=key, dtype=str, keep_default_na=False)
"""

PROOF = "tell({name: [None if pandas.isna(one) else one for one in frame[name]] for name in frame})"


def check(ground: Ground, snippet: str) -> None:
    check_by_python(ground, snippet, PROOF)
    for dataset, program in snippets(snippet).items():
        check_csv(ground, dataset, ground.python(program, "import json; print(json.dumps(texts.to_csv(index=False)))"))


TOOL = Tool(
    "pandas",
    Kind.READING,
    lambda _: importlib.metadata.version("pandas"),
    "python",
    SNIPPET,
    f"{CHECKED}, of the Parquet file and of the CSV",
    check,
    "Of a CSV, `dtype=str` keeps zeros, and `keep_default_na=False` keeps Namibia (`NA`).",
)
