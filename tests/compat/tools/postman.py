"""Postman, by newman, which runs its collections without its window."""

import json

from tests.compat.asking import CHECKED, check_answer
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
jq -n --rawfile query question.graphql --rawfile variables variables.json '{
  info: { name: "Public GSB", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [{ name: "Known", request: {
    method: "POST", url: "{{url}}/graphql", header: [{ key: "X-API-Key", value: "{{key}}" }],
    body: { mode: "graphql", graphql: { $query, $variables } } } }] }' > gsb.postman_collection.json
npx newman run gsb.postman_collection.json --env-var "url=$PGSB_URL" --env-var "key=$PGSB_API_KEY" \\
  --reporters json --reporter-json-export run.json
"""


def check(ground: Ground, snippet: str) -> None:
    ground.with_modules()
    ground.shell(snippet)
    [execution] = json.loads((ground.folder / "run.json").read_text(encoding="utf-8"))["run"]["executions"]
    check_answer(json.loads(bytes(execution["response"]["stream"]["data"]))["data"])


TOOL = Tool(
    "Postman",
    Kind.ASKING,
    lambda _: f"newman {version('newman')}",
    "sh",
    SNIPPET,
    CHECKED,
    check,
    "Import the same file into Postman, with `url` and `key` as variables of its environment, so that the key is in no "
    "file that you share.",
)
