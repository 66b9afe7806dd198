"""GraphiQL, the explorer at /explore, in a browser."""

import json

from tests.browser import explore
from tests.compat.ground import ROOT, Ground
from tests.compat.tool import Kind, Tool

SNIPPET = """
xdg-open "$PGSB_URL/explore"
"""


FIRST_SHOWN = (("00", "مرکزی"), ("01", "گیلان"), ("02", "مازندران"))


def check(ground: Ground, _: str) -> None:
    """A person chooses a dataset and its list, and runs it."""
    seen = explore(ground.url, ground.key, "interior/provinces", "list")
    assert seen["problems"] == []
    for code, name in FIRST_SHOWN:
        assert json.dumps(code) in seen["shown"], seen["shown"]
        assert json.dumps(name, ensure_ascii=False) in seen["shown"], seen["shown"]


def version(_: Ground) -> str:
    package = json.loads((ROOT / "platform/server/portal/explorer/package.json").read_text())
    return str(package["dependencies"]["graphiql"])


TOOL = Tool(
    "GraphiQL",
    Kind.ASKING,
    version,
    "sh",
    SNIPPET,
    "codes and Persian names of the first records, as shown in Chromium",
    check,
    "In the check a browser does what a person would: it types the key, chooses a dataset and its list, and runs it.",
)
