"""What Strawberry answers: the catalogue, the caller's own account and the price of a request."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from publicgsb.schema.types.account import Me, RateLimit, rate_limit
from publicgsb.schema.types.catalogue import AgencyInfo, DatasetInfo, agency_info
from publicgsb.schema.types.static import StaticContext


@strawberry.type
class Query:
    @strawberry.field(description="All agencies.")
    def agencies(self, info: Info[StaticContext, None]) -> list[AgencyInfo]:
        registry = info.context.registry
        return [agency_info(registry, slug) for slug in sorted(registry.agencies)]

    @strawberry.field(description="One agency by its slug.")
    def agency(self, info: Info[StaticContext, None], slug: str) -> AgencyInfo | None:
        registry = info.context.registry
        return agency_info(registry, slug) if slug in registry.agencies else None

    @strawberry.field(description="All datasets.")
    def datasets(self, info: Info[StaticContext, None]) -> list[DatasetInfo]:
        datasets = info.context.registry.datasets
        return [DatasetInfo(entry=datasets[key]) for key in sorted(datasets)]

    @strawberry.field(description="One dataset by its id, agency/dataset.")
    def dataset(self, info: Info[StaticContext, None], id: strawberry.ID) -> DatasetInfo | None:
        agency, _, slug = str(id).partition("/")
        entry = info.context.registry.datasets.get((agency, slug))
        return DatasetInfo(entry=entry) if entry else None

    @strawberry.field(description="Who is asking.")
    def me(self) -> Me:
        return Me()

    @strawberry.field(description="The price of this request; with dryRun nothing is read and nothing is charged.")
    async def rate_limit(self, info: Info[StaticContext, None], dry_run: bool = False) -> RateLimit:
        return await rate_limit(info.context)
