"""What all lists have in common, by Relay's cursor connections specification: page arguments, page info, counts."""

from collections.abc import Mapping
from types import MappingProxyType

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
)

from publicgsb.quotas.prices import COUNTS_PER_POINT, POINTS_PER_ESTIMATE, POINTS_PER_EXACT_COUNT
from publicgsb.schema.types.marks import MARK, PartMark
from publicgsb.schema.types.weights import COST

PAGE_DEFAULT = 20
PAGE_MAX = 1000
COUNT_MAX = 10_000  # a filtered list is counted so far unless more is paid for
SAMPLE_PAGES = 256


def part(
    type_: GraphQLOutputType, name: str, description: str, weight: float | None = None, **more: GraphQLArgument
) -> GraphQLField:
    """`weight` is in points, for a part that costs something by itself."""
    extensions = {MARK: PartMark(name)} if weight is None else {MARK: PartMark(name), COST: weight}
    return GraphQLField(type_, args=more, description=description, extensions=extensions)


PAGE_INFO = GraphQLObjectType(
    "PageInfo",
    {
        "hasNextPage": part(
            GraphQLNonNull(GraphQLBoolean),
            "hasNextPage",
            "Whether records of the list follow this page; exact, also for a page read backward.",
        ),
        "hasPreviousPage": part(
            GraphQLNonNull(GraphQLBoolean),
            "hasPreviousPage",
            "Whether records of the list precede this page; exact, also for a page read forward.",
        ),
        "startCursor": part(
            GraphQLString,
            "startCursor",
            "The first record of this page: as `before`, with `last`, it reads the page before in the same release.",
        ),
        "endCursor": part(
            GraphQLString,
            "endCursor",
            "The last record of this page: as `after`, with `first`, it reads the next page of the same release.",
        ),
    },
    description="Where a page stands in its list. An empty page has no cursors.",
)


# Shared by all lists: made anew for each of 1,400 datasets these would be a third of the schema's objects.
COUNTS: Mapping[str, GraphQLField] = MappingProxyType(
    {
        "totalCount": part(
            GraphQLInt,
            "totalCount",
            "How many records the list has, all pages together. Exact; of a list with `where` or below another record "
            f"null when there are more than {COUNT_MAX:,}. With `exact: true` those are counted to the end too, for "
            f"{POINTS_PER_EXACT_COUNT} points each.",
            weight=1 / COUNTS_PER_POINT,
            exact=GraphQLArgument(
                GraphQLBoolean,
                default_value=False,
                description="Count on above the limit.",
                extensions={COST: POINTS_PER_EXACT_COUNT},
            ),
        ),
        "estimatedCount": part(
            GraphQLNonNull(GraphQLInt),
            "estimatedCount",
            f"About how many records the list has: exact up to {COUNT_MAX:,}, above that projected from what "
            f"{SAMPLE_PAGES} pages of the table at equal distances hold, the same ones each time. At 60 records to a "
            "page it is, in 19 of 20 cases, within 2 % when one record in two matches, 5 % when one in ten, 16 % when "
            "one in a hundred.",
            weight=POINTS_PER_ESTIMATE,
        ),
    }
)
PAGE_INFO_PART = part(GraphQLNonNull(PAGE_INFO), "pageInfo", "Where this page stands.")
CURSOR_PART = part(GraphQLNonNull(GraphQLString), "cursor", "Where the record stands in the list.")

# No default in the SDL: a `first` that nobody wrote would contradict a `last` that somebody did.
PAGE_ARGUMENTS: Mapping[str, GraphQLArgument] = MappingProxyType(
    {
        "first": GraphQLArgument(
            GraphQLInt,
            description=f"How many from the beginning or after the cursor, at most {PAGE_MAX}; "
            f"{PAGE_DEFAULT} when neither `first` nor `last` is given. Null is the same as not given.",
        ),
        "after": GraphQLArgument(GraphQLString, description="The cursor after which to go on, with `first`."),
        "last": GraphQLArgument(
            GraphQLInt,
            description=f"How many from the end or before the cursor, at most {PAGE_MAX}, in the list's own order; "
            "not together with `first`.",
        ),
        "before": GraphQLArgument(GraphQLString, description="The cursor before which to read, with `last`."),
    }
)
