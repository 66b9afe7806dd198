"""urql, which asks short questions by GET."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
import { readFileSync } from "node:fs";
import { Client, cacheExchange, fetchExchange } from "@urql/core";

const { PGSB_URL, PGSB_API_KEY } = process.env;
const client = new Client({
  url: `${PGSB_URL}/graphql`,
  exchanges: [cacheExchange, fetchExchange],
  fetchOptions: { headers: { "X-API-Key": PGSB_API_KEY } },
});
const variables = JSON.parse(readFileSync("variables.json", "utf8"));
const { data, error } = await client.query(readFileSync("question.graphql", "utf8"), variables);
"""

PROOF = """
const again = await client.query(readFileSync("question.graphql", "utf8"), variables, { requestPolicy: "cache-only" });
const plain = (value) => JSON.parse(JSON.stringify(value, (name, one) => (name === "__typename" ? undefined : one)));
process.stdout.write(JSON.stringify([error?.message ?? null, plain(data), plain(again.data)]));
"""


def check(ground: Ground, snippet: str) -> None:
    error, data, again = ground.node(snippet, PROOF)
    assert error is None
    check_answer(data)
    check_answer(again)


TOOL = Tool(
    "urql",
    Kind.ASKING,
    lambda _: version("@urql/core"),
    "js",
    SNIPPET,
    f"{CHECKED}, from the network and from its cache",
    check,
)
