"""sgqlc writes classes of Python out of the schema, and out of the question what asks it."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.environments import pinned, programs
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool

SNIPPET = """
python -m sgqlc.introspection -H "X-API-Key: $PGSB_API_KEY" "$PGSB_URL/graphql" schema.json
sgqlc-codegen schema schema.json gsb_schema.py
sgqlc-codegen operation --schema schema.json gsb_schema gsb_operations.py question.graphql
"""

CALLED = """
import json, os
from sgqlc.endpoint.http import HTTPEndpoint
from gsb_operations import Operations

endpoint = HTTPEndpoint(os.environ["PGSB_URL"] + "/graphql", {"X-API-Key": os.environ["PGSB_API_KEY"]})
with open("variables.json") as file:
    variables = json.load(file)
answer = endpoint(Operations.query.known, variables)
known = Operations.query.known + answer
assert known.interior.village.code == "0007020001004889"
assert known.meteorology.weather_hour.wind_gust is None
assert known.meteorology.weather_hour.time_hour.isoformat() == "2013-01-01T06:00:00+00:00"
print(json.dumps(answer["data"]))
"""


def check(ground: Ground, snippet: str) -> None:
    ground.shell(snippet, programs("codegen"))
    check_answer(ground.python("", CALLED, "codegen"))


TOOL = Tool(
    "sgqlc",
    Kind.GENERATING,
    lambda _: pinned("codegen", "sgqlc"),
    "sh",
    SNIPPET,
    f"{CHECKED}, by the operation that it wrote, and read through its classes",
    check,
    "Then `Operations.query.known + HTTPEndpoint(url, headers)(Operations.query.known, variables)`.",
)
