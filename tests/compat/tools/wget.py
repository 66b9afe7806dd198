"""wget goes on with a download that broke off."""

from tests.compat.fetching import CHECKED, check_went_on, leave_half
from tests.compat.ground import Ground
from tests.compat.programs import version_of
from tests.compat.tool import Kind, Tool

SNIPPET = """
wget -q -c -O villages.csv "$PGSB_URL/files/interior/villages/1/data.csv"
"""


def check(ground: Ground, snippet: str) -> None:
    first = leave_half(ground)
    ground.shell(snippet)
    check_went_on(ground, first)


TOOL = Tool(
    "wget",
    Kind.FETCHING,
    lambda _: version_of("wget", "wget"),
    "sh",
    SNIPPET,
    CHECKED,
    check,
    "By the number of a release: the rest of a newer one would be joined to the half that is there.",
)
