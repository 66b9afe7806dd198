"""The `search` argument of a list whose contract names the fields to look into."""

from graphql import GraphQLArgument, GraphQLString

from publicgsb.datasets.contracts.model import Contract


def search_argument(contract: Contract) -> GraphQLArgument:
    names = ", ".join(contract.field(column).api_name for column in contract.search)
    return GraphQLArgument(
        GraphQLString,
        description=f"The best matches for these words in {names}, best first; any spelling will do. Excludes orderBy.",
    )
