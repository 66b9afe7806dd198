"""The `search` argument of a list whose contract names the fields to look into, and what looking into text costs."""

from graphql import GraphQLArgument, GraphQLString

from publicgsb.datasets.contracts.model import Contract
from publicgsb.quotas.prices import POINTS_PER_SEARCH
from publicgsb.schema.types.weights import COST


def search_argument(contract: Contract) -> GraphQLArgument:
    names = ", ".join(contract.field(column).api_name for column in contract.search)
    return GraphQLArgument(
        GraphQLString,
        description=f"The best matches for these words in {names}, best first; any spelling will do. Excludes orderBy.",
        extensions={COST: POINTS_PER_SEARCH},
    )
