"""Miller: CSV to JSON in a pipe, with texts left as they are."""

import json

from tests.compat.columns import told
from tests.compat.ground import Ground
from tests.compat.known import as_value
from tests.compat.programs import version_of
from tests.compat.reading import CHECKED, check_columns, snippets
from tests.compat.tool import Kind, Tool
from tests.debian import program

SNIPPET = """
curl -s "$PGSB_URL/files/interior/villages/latest/data.csv" | mlr -S --icsv --ojson cat
"""


def check(ground: Ground, snippet: str) -> None:
    program("mlr", "miller")
    for dataset, commands in snippets(snippet).items():
        rows = json.loads(ground.shell(commands))
        typed = {name: [as_value(dataset, name, row[name]) for row in rows] for name in rows[0]}
        check_columns(ground, dataset, told(typed))


TOOL = Tool(
    "Miller",
    Kind.READING,
    lambda _: version_of("mlr", "miller"),
    "sh",
    SNIPPET,
    CHECKED,
    check,
)
