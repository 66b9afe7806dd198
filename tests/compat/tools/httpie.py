"""HTTPie: a request by hand, with less to write."""

import json

from tests.compat.asking import CHECKED, check_answer
from tests.compat.environments import pinned, programs
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool

SNIPPET = """
http --ignore-stdin "$PGSB_URL/graphql" X-API-Key:"$PGSB_API_KEY" query=@question.graphql variables:=@variables.json
"""


def check(ground: Ground, snippet: str) -> None:
    check_answer(json.loads(ground.shell(snippet, programs("terminal")))["data"])


TOOL = Tool("HTTPie", Kind.ASKING, lambda _: pinned("terminal", "httpie"), "sh", SNIPPET, CHECKED, check)
