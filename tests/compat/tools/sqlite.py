"""The shell of SQLite imports the CSV, all of it as text."""

from tests.compat.ground import Ground
from tests.compat.programs import version_of
from tests.compat.reading import CHECKED, check_csv, snippets
from tests.compat.tool import Kind, Tool
from tests.debian import program

SNIPPET = """
curl -s -O "$PGSB_URL/files/interior/villages/latest/data.csv"
sqlite3 open.db ".import --csv data.csv data"
"""

PROOF = """
sqlite3 -csv -header open.db "select * from data"
rm open.db
"""


def check(ground: Ground, snippet: str) -> None:
    program("sqlite3", "sqlite3")
    for dataset, commands in snippets(snippet).items():
        check_csv(ground, dataset, ground.shell(commands + PROOF))


TOOL = Tool(
    "SQLite",
    Kind.READING,
    lambda _: version_of("sqlite3", "sqlite3"),
    "sh",
    SNIPPET,
    CHECKED,
    check,
    "All columns are `TEXT` then, and a missing value is an empty text: `nullif(diag, '')`.",
)
