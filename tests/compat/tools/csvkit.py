"""csvkit, which would guess types, and is told not to."""

from tests.compat.environments import pinned, programs
from tests.compat.ground import Ground
from tests.compat.reading import CHECKED, check_csv, snippets
from tests.compat.tool import Kind, Tool

SNIPPET = """
curl -s "$PGSB_URL/files/interior/villages/latest/data.csv" | csvsort --no-inference --blanks
"""


def check(ground: Ground, snippet: str) -> None:
    for dataset, commands in snippets(snippet).items():
        check_csv(ground, dataset, ground.shell(commands, programs("terminal")))


TOOL = Tool(
    "csvkit",
    Kind.READING,
    lambda _: pinned("terminal", "csvkit"),
    "sh",
    SNIPPET,
    CHECKED,
    check,
    "`--no-inference` (`-I`) keeps codes; `--blanks` keeps `NA`.",
)
