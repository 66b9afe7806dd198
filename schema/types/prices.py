"""What `rateLimit` tells of an operation: its price and its plan, level by level."""

from __future__ import annotations

import strawberry


@strawberry.type(description="What one level of the operation reserves, costs and reads.")
class PriceLevel:
    path: str = strawberry.field(
        description="Where it stands in the answer, as response names: air.airports.nodes.country."
    )
    dataset: str | None = strawberry.field(description="agency/dataset that it reads.")
    records: int = strawberry.field(description="Records reserved: those of the level above times the page size.")
    points: int = strawberry.field(description="What this level adds to the price.")
    reads: str = strawberry.field(description="How it is read: by which key, link, filter and order.")
