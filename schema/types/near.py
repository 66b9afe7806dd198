"""`near`: the records around a place, nearest first, for datasets whose contract declares a coordinate pair."""

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLFloat,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
)

from publicgsb.datasets.contracts.model import Contract
from publicgsb.quotas.prices import POINTS_PER_NEAR
from publicgsb.schema.types.connections import part
from publicgsb.schema.types.weights import COST

# All that the index of the places finds within it are measured, and they grow with its square.
WITHIN_KM_MAX = 200

NEAR = GraphQLInputObjectType(
    "NearPoint",
    {
        "lat": GraphQLInputField(GraphQLNonNull(GraphQLFloat), description="Degrees north, -90 to 90 (WGS 84)."),
        "lon": GraphQLInputField(GraphQLNonNull(GraphQLFloat), description="Degrees east, -180 to 180 (WGS 84)."),
        "withinKm": GraphQLInputField(
            GraphQLNonNull(GraphQLFloat),
            description=f"No farther than this, above 0 and at most {WITHIN_KM_MAX}; on the great circle of a sphere "
            "of 6,371.0088 km, which is within 0.6 % of the true distance.",
        ),
    },
    description="A place on the Earth and a distance from it.",
)


def near_argument(contract: Contract) -> dict[str, GraphQLArgument]:
    if contract.coordinates is None:
        return {}
    return {
        "near": GraphQLArgument(
            NEAR,
            description="Only records around a place, nearest first; not together with `orderBy`. "
            f"+{POINTS_PER_NEAR} points.",
            extensions={COST: POINTS_PER_NEAR},
        )
    }


def distance_field(contract: Contract) -> dict[str, GraphQLField]:
    if contract.coordinates is None:
        return {}
    return {
        "distanceKm": part(GraphQLFloat, "distanceKm", "How far from `near`, to the metre; null in a list without it.")
    }
