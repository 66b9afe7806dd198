"""Planning `near`: which leaves hold the place, and which columns of the record it is met with."""

from collections.abc import Mapping

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.scope import Scope, leaf
from publicgsb.schema.planning.tree.records import Near
from publicgsb.schema.planning.values import Tree
from publicgsb.schema.types.marks import DatasetKey

NEAR = "~near"  # where an ordering has its name; no ordering can be called so


def read_near(scope: Scope, dataset: DatasetKey, args: Mapping[str, Tree]) -> Near | None:
    """Raises InvalidRequest beside another order, and for a member that is null."""
    tree = args.get("near")
    if tree is None:
        return None
    coordinates = scope.contract(dataset).coordinates
    assert coordinates is not None
    assert isinstance(tree, dict)
    for other in ("orderBy", "search"):
        if args.get(other) is not None:
            raise InvalidRequest(
                f"`near` and `{other}` exclude each other.",
                reason="near",
                hint="`near` gives the nearest records first: leave the other out.",
            )
    lat, lon, within_km = [leaf(tree.get(name)) for name in ("lat", "lon", "withinKm")]
    if lat is None or lon is None or within_km is None:
        raise InvalidRequest("`near` has a null in it.", reason="null_operand", hint="Give lat, lon and withinKm.")
    for column in (coordinates.lat, coordinates.lon):
        scope.touch(dataset, column)
    return Near(coordinates, lat, lon, within_km)
