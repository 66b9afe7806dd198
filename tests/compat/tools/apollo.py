"""Apollo Client: a cache that knows records by their keys, and lists that grow page by page."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
import { readFileSync } from "node:fs";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

const typePolicies = {
  Interior: { merge: true, fields: { villages: relayStylePagination(["where", "orderBy"]) } },
  InteriorVillage: { keyFields: ["code"] },
};
const { PGSB_URL, PGSB_API_KEY } = process.env;
const link = new HttpLink({ uri: `${PGSB_URL}/graphql`, headers: { "X-API-Key": PGSB_API_KEY } });
const client = new ApolloClient({ link, cache: new InMemoryCache({ typePolicies }) });
const variables = JSON.parse(readFileSync("variables.json", "utf8"));
const { data } = await client.query({ query: gql(readFileSync("question.graphql", "utf8")), variables });
"""

PROOF = """
const list = gql`query Pages($first: Int!, $after: String) {
  interior {
    villages(where: { provinceCode: { eq: "00" } }, first: $first, after: $after) {
      edges { node { code name } cursor }
      pageInfo { endCursor hasNextPage }
    }
  }
}`;
const codes = (found) => found.interior.villages.edges.map((edge) => edge.node.code);
const pages = client.watchQuery({ query: list, variables: { first: 2 } });
const first = await new Promise((told) => pages.subscribe((one) => one.dataState === "complete" && told(one)));
await pages.fetchMore({ variables: { after: first.data.interior.villages.pageInfo.endCursor } });
const walked = codes(client.readQuery({ query: list, variables: { first: 2 } }));
const atOnce = await client.query({ query: list, variables: { first: 4 }, fetchPolicy: "no-cache" });
const again = client.readQuery({ query: gql(readFileSync("question.graphql", "utf8")), variables });
const plain = (value) => JSON.parse(JSON.stringify(value, (name, one) => (name === "__typename" ? undefined : one)));
const kept = Object.keys(client.cache.extract());
const told = { data: plain(data), again: plain(again), walked, atOnce: codes(atOnce.data), kept };
process.stdout.write(JSON.stringify(told));
"""


def check(ground: Ground, snippet: str) -> None:
    told = ground.node(snippet, PROOF)
    check_answer(told["data"])
    check_answer(told["again"])
    assert len(told["walked"]) == 4
    assert told["walked"] == told["atOnce"]
    assert 'InteriorVillage:{"code":"0007020001004889"}' in told["kept"]


TOOL = Tool(
    "Apollo Client",
    Kind.ASKING,
    lambda _: version("@apollo/client"),
    "js",
    SNIPPET,
    f"{CHECKED}, from the network and from its cache; two pages that it joins are what one of both holds",
    check,
    "The object of an agency has no identity: `merge: true` keeps what was read of it before. Records are known by the "
    "key of their dataset (`keyFields`).",
)
