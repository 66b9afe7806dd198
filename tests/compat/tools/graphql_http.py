"""The audits of npm graphql-http: what every client may expect of GraphQL over HTTP."""

from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
import { auditServer } from "graphql-http";

const { PGSB_URL, PGSB_API_KEY } = process.env;
const withKey = (url, init) => fetch(url, { ...init, headers: { ...init?.headers, "X-API-Key": PGSB_API_KEY } });
let turn = Promise.resolve(); // one after the other: all audits ask at once, and a new key's plan allows four
const fetchFn = (url, init) => (turn = turn.then(() => withKey(url, init)));
const results = await auditServer({ url: `${PGSB_URL}/graphql`, fetchFn });
"""

PROOF = """
process.stdout.write(JSON.stringify(results.map(({ name, status }) => [name, status])));
"""


def check(ground: Ground, snippet: str) -> None:
    results = ground.node(snippet, PROOF)
    assert [name for name, status in results if status != "ok"] == [], results
    assert len(results) == 61, len(results)


TOOL = Tool(
    "graphql-http",
    Kind.ASKING,
    lambda _: version("graphql-http"),
    "js",
    SNIPPET,
    "all 61 audits are ok, none with a warning",
    check,
)
