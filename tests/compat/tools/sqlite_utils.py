"""sqlite-utils: a CSV becomes a table of SQLite, and JSON comes out."""

import json

from tests.compat.columns import told
from tests.compat.environments import pinned, programs
from tests.compat.ground import Ground
from tests.compat.known import as_value
from tests.compat.reading import CHECKED, check_columns, snippets
from tests.compat.tool import Kind, Tool

SNIPPET = """
curl -s "$PGSB_URL/files/interior/villages/latest/data.csv" |
  sqlite-utils insert open.db records - --csv --no-detect-types --empty-null
sqlite-utils rows open.db records > records.json
"""


def check(ground: Ground, snippet: str) -> None:
    for dataset, commands in snippets(snippet).items():
        ground.shell(f"rm -f open.db{commands}", programs("terminal"))
        rows = json.loads((ground.folder / "records.json").read_text(encoding="utf-8"))
        typed = {name: [as_value(dataset, name, row[name] or "") for row in rows] for name in rows[0]}
        check_columns(ground, dataset, told(typed))


TOOL = Tool(
    "sqlite-utils",
    Kind.READING,
    lambda _: pinned("terminal", "sqlite-utils"),
    "sh",
    SNIPPET,
    CHECKED,
    check,
    "Without `--no-detect-types` codes of digits become numbers and lose their zeros.",
)
