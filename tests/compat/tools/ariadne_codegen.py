"""ariadne-codegen writes a typed client of Python out of the schema and a question."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.environments import pinned, programs
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool

SNIPPET = """
cat > pyproject.toml <<TOML
[tool.ariadne-codegen]
remote_schema_url = "$PGSB_URL/graphql"
remote_schema_headers = { X-API-Key = "\\$PGSB_API_KEY" }
queries_path = "question.graphql"
async_client = false
[tool.ariadne-codegen.scalars.DateTime]
type = "datetime.datetime"
TOML
ariadne-codegen
"""

CALLED = """
import json, os
from graphql_client import Client

with open("variables.json") as file:
    variables = json.load(file)
client = Client(os.environ["PGSB_URL"] + "/graphql", {"X-API-Key": os.environ["PGSB_API_KEY"]})
known = client.known(**variables)
moment = known.meteorology.weather_hour.time_hour
assert moment.isoformat() == "2013-01-01T06:00:00+00:00", moment
answer = known.model_dump(by_alias=True, mode="json")
answer["meteorology"]["weatherHour"]["timeHour"] = moment.isoformat()
print(json.dumps(answer))
"""


def check(ground: Ground, snippet: str) -> None:
    ground.shell(snippet, programs("codegen"))
    check_answer(ground.python("", CALLED, "codegen"))


TOOL = Tool(
    "ariadne-codegen",
    Kind.GENERATING,
    lambda _: pinned("codegen", "ariadne-codegen"),
    "sh",
    SNIPPET,
    f"{CHECKED}, through the client that it wrote; a moment is a `datetime`",
    check,
    "Then `Client(url, headers).known(country=…, village=…, hour=…)`. It needs graphql-core 3.2, the service 3.3: two "
    "environments.",
)
