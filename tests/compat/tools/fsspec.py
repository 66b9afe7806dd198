"""fsspec: a file of the service as a file of Python, read in stretches."""

from tests.compat.environments import pinned
from tests.compat.ground import Ground
from tests.compat.known import VILLAGES
from tests.compat.reading import check_csv
from tests.compat.tool import Kind, Tool

SNIPPET = """
import fsspec, os

url = os.environ["PGSB_URL"] + "/files/interior/villages/1/data.csv"
with fsspec.open(url, headers={"X-API-Key": os.environ["PGSB_API_KEY"]}, block_size=2**20) as file:
    size, content = file.size, file.read()
    file.seek(-1000, 2)
    end = file.read()
"""

PROOF = """
import json
assert size == len(content)
assert end == content[-1000:]
print(json.dumps(content.decode()))
"""


def check(ground: Ground, snippet: str) -> None:
    check_csv(ground, VILLAGES, ground.python(snippet, PROOF, "files"))


TOOL = Tool(
    "fsspec",
    Kind.READING,
    lambda _: pinned("files", "fsspec"),
    "python",
    SNIPPET,
    f"every value of {VILLAGES}, its size, and its end read by a range",
    check,
)
