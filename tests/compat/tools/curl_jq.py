"""curl with jq: a request by hand."""

import json

from tests.compat.asking import CHECKED, check_answer
from tests.compat.ground import Ground
from tests.compat.programs import version_of
from tests.compat.tool import Kind, Tool

SNIPPET = """
jq -n --rawfile query question.graphql --slurpfile given variables.json '{$query, variables: $given[0]}' |
  curl -s "$PGSB_URL/graphql" -H "X-API-Key: $PGSB_API_KEY" -H "Content-Type: application/json" -d @-
"""


def check(ground: Ground, snippet: str) -> None:
    check_answer(json.loads(ground.shell(snippet))["data"])


def versions(_: Ground) -> str:
    return f"{version_of('curl', 'curl')}, {version_of('jq', 'jq')}"


TOOL = Tool("curl with jq", Kind.ASKING, versions, "sh", SNIPPET, CHECKED, check)
