"""relay-compiler makes artifacts of connection fragments, and the service answers what they ask."""

from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
curl -s -o schema.graphql "$PGSB_URL/schema.graphql?datasets=interior/villages,interior/provinces"
echo '{ "src": "./src", "schema": "./schema.graphql", "language": "javascript" }' > relay.config.json
npx relay-compiler relay.config.json
"""

APP = """
import { graphql } from 'react-relay';

export const query = graphql`
  query VillagesQuery($province: String!) {
    interior { ...Villages_list @arguments(province: $province) }
  }
`;

export const list = graphql`
  fragment Villages_list on Interior
  @argumentDefinitions(
    province: { type: "String!" }
    count: { type: "Int", defaultValue: 2 }
    cursor: { type: "String" }
  ) {
    villages(where: { provinceCode: { eq: $province } }, first: $count, after: $cursor)
      @connection(key: "Villages_villages") {
      edges { node { code name diag province { code name } } }
    }
  }
`;
"""

ASKED = """
import query from "./src/__generated__/VillagesQuery.graphql.js";

const { PGSB_URL, PGSB_API_KEY } = process.env;
const answer = await fetch(`${PGSB_URL}/graphql`, {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-API-Key": PGSB_API_KEY },
  body: JSON.stringify({ query: query.params.text, variables: { province: "00" } }),
});
process.stdout.write(JSON.stringify(await answer.json()));
"""

FIRST = {"code": "0001020001000266", "name": "امان آباد", "diag": "3238", "province": {"code": "00", "name": "مرکزی"}}
SECOND = {"code": "0001020001000268", "name": "انجدان", "diag": None, "province": {"code": "00", "name": "مرکزی"}}


def check(ground: Ground, snippet: str) -> None:
    ground.with_modules()
    (ground.folder / "src").mkdir()
    (ground.folder / "src" / "Villages.js").write_text(APP, encoding="utf-8")
    ground.shell(snippet)
    villages = ground.node("", ASKED)["data"]["interior"]["villages"]
    wanted = [record | {"__typename": "InteriorVillage"} for record in (FIRST, SECOND)]
    assert [edge["node"] for edge in villages["edges"]] == wanted, villages
    assert villages["pageInfo"] == {"endCursor": villages["edges"][-1]["cursor"], "hasNextPage": True}, villages


TOOL = Tool(
    "relay-compiler",
    Kind.GENERATING,
    lambda _: version("relay-compiler"),
    "sh",
    SNIPPET,
    "artifacts of a fragment with `@connection`; what they ask is answered, to the cursor",
    check,
    "Each list is a connection with `edges`, `pageInfo` and cursors, under the object of its agency.",
)
