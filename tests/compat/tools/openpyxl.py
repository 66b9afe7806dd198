"""openpyxl: the workbook, as programs read what people open in Excel."""

from tests.compat.columns import told
from tests.compat.environments import pinned
from tests.compat.ground import Ground
from tests.compat.known import COUNTRIES, WEATHER, as_value
from tests.compat.reading import check_columns, snippets
from tests.compat.tool import Kind, Tool

SNIPPET = """
import fsspec, openpyxl, os

url = os.environ["PGSB_URL"] + "/files/standards/countries/latest/data.xlsx"
with fsspec.open(url, headers={"X-API-Key": os.environ["PGSB_API_KEY"]}) as file:
    header, *rows = openpyxl.load_workbook(file, read_only=True)["data"].iter_rows(values_only=True)
"""

PROOF = """
import json
print(json.dumps([header, [[None if one is None else str(one) for one in row] for row in rows]]))
"""


def check(ground: Ground, snippet: str) -> None:
    for dataset, program in snippets(snippet, (COUNTRIES, WEATHER)).items():
        header, rows = ground.python(program, PROOF, "files")
        columns = dict(zip(header, zip(*rows, strict=True), strict=True))
        typed = {name: [as_value(dataset, name, cell or "") for cell in cells] for name, cells in columns.items()}
        check_columns(ground, dataset, told(typed))


TOOL = Tool(
    "openpyxl",
    Kind.READING,
    lambda _: pinned("files", "openpyxl"),
    "python",
    SNIPPET,
    f"every value of {COUNTRIES} and {WEATHER}, of the workbooks",
    check,
    "Codes are texts in the workbook, so their zeros are there in Excel too. Up to 100,000 records are in one.",
)
