"""gql 4: the GraphQL client of Python, which reads the schema and checks the question before it sends it."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.environments import pinned
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool

SNIPPET = """
import json, os
from gql import Client, gql
from gql.transport.requests import RequestsHTTPTransport

url, key = os.environ["PGSB_URL"] + "/graphql", {"X-API-Key": os.environ["PGSB_API_KEY"]}
transport = RequestsHTTPTransport(url, headers=key)
question = gql(open("question.graphql", encoding="utf-8").read())
question.variable_values = json.load(open("variables.json"))
with Client(transport=transport, fetch_schema_from_transport=True) as session:
    data = session.execute(question)
"""

REFUSED = """
from graphql import GraphQLError

with Client(transport=transport, fetch_schema_from_transport=True) as session:
    try:
        session.execute(gql("{ interior { villages { nodes { kode } } } }"))
    except GraphQLError as error:
        refused = str(error).splitlines()[0]
transport = RequestsHTTPTransport(url, headers=key | {"GSB-Datasets": "interior/villages"})
with Client(transport=transport, fetch_schema_from_transport=True) as session:
    agencies = [name for name in session.client.schema.query_type.fields if name in ("interior", "transport")]
print(json.dumps([data, refused, agencies]))
"""


def check(ground: Ground, snippet: str) -> None:
    data, refused, agencies = ground.python(snippet, REFUSED, "gql")
    check_answer(data)
    assert agencies == ["interior"], agencies
    assert "Cannot query field 'kode' on type 'InteriorVillage'" in refused


TOOL = Tool(
    "gql",
    Kind.ASKING,
    lambda _: pinned("gql", "gql"),
    "python",
    SNIPPET,
    f"{CHECKED}; a misspelt field is refused by the schema that it fetched, before it is sent",
    check,
    "The schema of some datasets alone is fetched sooner: add the header `GSB-Datasets: interior/villages,…`.",
)
