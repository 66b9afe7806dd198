"""What the attacks ask: the small world, and a dataset of places that has none."""

from pathlib import Path

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from tests.schema.worlds import COMMON, declare, found, release

_PLACES = (
    COMMON
    + """
agency: lab
dataset: places
recordName: Place
title: { fa: "جاها", en: "Places" }
primaryKey: [id]
coordinates: { lat: north, lon: east }
fields:
  - { name: id, type: integer, label: { fa: "شماره", en: "Number" }, constraints: { required: true } }
  - { name: near_id, type: integer, label: { fa: "همسایه", en: "Neighbour" } }
  - { name: north, type: number, label: { fa: "عرض", en: "Latitude" } }
  - { name: east, type: number, label: { fa: "طول", en: "Longitude" } }
links:
  - name: neighbour
    fields: [near_id]
    to: lab/places
    toFields: [id]
    reverse: neighbours
    label: { fa: "همسایه", en: "Neighbour" }
"""
)
_ROWS = "id,near_id,north,east\n" + "".join(
    f"{at},{at // 2},{-90 + at * 0.9:.1f},{51 + at % 10 / 10}\n" for at in range(201)
)


async def found_attacked(connections: Connections, folder: Path) -> None:
    await found(connections, folder)
    await add_agency(connections, "lab", Label("آزمایشگاه", "Lab"), "tests")
    await declare(connections, _PLACES)
    outcome = await release(connections, folder, "lab/places", _ROWS)
    assert outcome.release is not None, outcome.report.as_table("en")
