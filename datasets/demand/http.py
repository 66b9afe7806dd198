"""The REST routes of demand: what everybody may see of it, and what the agency that withholds sees of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.demand.counting import today
from publicgsb.datasets.demand.figures import ORGANISATIONS_MIN, own_days, public_months
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound, NotPermitted
from publicgsb.platform.kernel.held import refuse_data_key
from publicgsb.platform.kernel.texts import is_storable

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class DemandRoutes:
    """`limit` guards, per client address, what takes no key."""

    connections: Connections
    registry: Callable[[], Registry]
    authenticate: Authenticate
    limit: Callable[[Endpoint], Endpoint] = lambda endpoint: endpoint

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/demand", self.limit(self.months), methods=["GET"]),
            Route("/api/v1/agencies/{agency}/demand", self.days, methods=["GET"]),
        ]

    async def months(self, request: Request) -> Response:
        """By month, dataset and field (null: the dataset is withheld whole), the most asked for first."""
        agency = request.query_params.get("agency")
        if agency is not None and not is_storable(agency):
            raise InvalidRequest("`agency` holds what is no character.", reason="agency")
        found = await public_months(self.connections, agency, today())
        body = {
            "organisationsMin": ORGANISATIONS_MIN,
            "demand": [
                {
                    "month": f"{one.month:%Y-%m}",
                    "dataset": one.dataset,
                    "field": one.field or None,
                    "requests": one.requests,
                    "organisations": one.organisations,
                }
                for one in found
            ],
        }
        return JSONResponse(body, headers={"Cache-Control": "no-cache"})

    async def days(self, request: Request) -> Response:
        """By day, for the agency's own key; how many organisations, and not which."""
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        slug, registry = request.path_params["agency"], self.registry()
        agency = registry.agencies.get(slug)
        if agency is None:
            raise NotFound(f"There is no agency {slug}.")
        if agency.id != caller.agency_id:
            raise NotPermitted("This key belongs to another agency.", reason="other_agency")
        names = {
            entry.id: entry.name
            for entry in registry.datasets.values()
            if entry.agency.slug == slug and (caller.only is None or entry.name in caller.only)
        }
        since, until = _range(request.query_params)
        found = await own_days(self.connections, list(names), since, until)
        body = {
            "from": since.isoformat(),
            "to": until.isoformat(),
            "demand": [
                {
                    "day": one.day.isoformat(),
                    "dataset": names[one.dataset_id],
                    "field": one.field or None,
                    "requests": one.requests,
                    "organisations": one.organisations,
                }
                for one in found
            ],
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _range(params: Mapping[str, str]) -> tuple[date, date]:
    """30 days until today unless `from` and `to` say otherwise."""
    now = today()
    try:
        return (
            date.fromisoformat(params["from"]) if "from" in params else now - timedelta(days=29),
            date.fromisoformat(params["to"]) if "to" in params else now,
        )
    except ValueError:
        raise InvalidRequest("from and to must be dates like 2026-11-23.", reason="range") from None
