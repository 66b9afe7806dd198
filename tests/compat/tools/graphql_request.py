"""graphql-request: the least that a page or a script of JavaScript needs."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
import { readFileSync } from "node:fs";
import { GraphQLClient } from "graphql-request";

const { PGSB_URL, PGSB_API_KEY } = process.env;
const client = new GraphQLClient(`${PGSB_URL}/graphql`, { headers: { "X-API-Key": PGSB_API_KEY } });
const variables = JSON.parse(readFileSync("variables.json", "utf8"));
const data = await client.request(readFileSync("question.graphql", "utf8"), variables);
"""

PROOF = """
const refused = await client.request("{ interior { villages { nodes { kode } } } }").catch((error) => error.response);
process.stdout.write(JSON.stringify([data, refused.errors[0].extensions.code]));
"""


def check(ground: Ground, snippet: str) -> None:
    data, code = ground.node(snippet, PROOF)
    check_answer(data)
    assert code == "INVALID_REQUEST"


TOOL = Tool(
    "graphql-request",
    Kind.ASKING,
    lambda _: version("graphql-request"),
    "js",
    SNIPPET,
    f"{CHECKED}; the code of an error",
    check,
)
