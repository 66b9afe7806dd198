"""GET /api/v1/agencies/{agency}/usage: what was asked of an agency's datasets, by day and by field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.kernel.held import refuse_beyond, refuse_data_key
from publicgsb.quotas.http import Authenticate
from publicgsb.quotas.metering.usage import DatasetUse, for_everybody, last_days, usage_of_dataset

DATASETS_MAX = 50  # in one answer


@dataclass(frozen=True, slots=True)
class OwnedDatasets:
    """An agency as the registry knows it: its number, and its datasets' numbers by slug."""

    agency_id: int
    datasets: Mapping[str, int]


Owned: TypeAlias = Callable[[str], OwnedDatasets | None]


@dataclass(frozen=True, slots=True)
class UsageRoutes:
    """`owned` comes from the platform, because datasets are another part's."""

    connections: Connections
    authenticate: Authenticate
    owned: Owned

    def routes(self) -> list[Route]:
        return [Route("/api/v1/agencies/{agency}/usage", self.usage, methods=["GET"])]

    async def usage(self, request: Request) -> Response:
        """For agency keys. The owning agency sees every figure, others those that three organisations share."""
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        slug = request.path_params["agency"]
        known = self.owned(slug)
        if known is None:
            raise NotFound(f"There is no agency {slug}.")
        since, until = _range(request.query_params)
        wanted = [name.removeprefix(f"{slug}/") for name in request.query_params.getlist("dataset")]
        for name in known.datasets.keys() & wanted:
            refuse_beyond(caller, f"{slug}/{name}", frozenset())
        names = _names(wanted, _within(caller, slug, known.datasets))
        datasets = []
        for name in names:
            use = await usage_of_dataset(self.connections, known.datasets[name], since, until)
            datasets.append({"dataset": f"{slug}/{name}", **use_to_json(_shown(use, caller, known))})
        body = {"from": since.isoformat(), "to": until.isoformat(), "datasets": datasets}
        return Response(orjson.dumps(body), media_type="application/json", headers={"cache-control": "no-store"})


def use_to_json(use: DatasetUse) -> dict[str, Any]:
    return {
        "days": [
            {
                "day": day.day.isoformat(),
                "organisations": day.organisations,
                "requests": day.requests,
                "points": day.points,
                "bytes": day.bytes,
                "errors": day.errors,
            }
            for day in use.days
        ],
        "fields": [
            {
                "major": field.major,
                "field": field.field,
                "organisations": field.organisations,
                "requests": field.requests,
            }
            for field in use.fields
        ],
    }


def _within(caller: Caller, agency: str, datasets: Mapping[str, int]) -> Mapping[str, int]:
    """Of an agency's datasets those that the key is for."""
    if caller.only is None:
        return datasets
    return {name: number for name, number in datasets.items() if f"{agency}/{name}" in caller.only}


def _shown(use: DatasetUse, caller: Caller, known: OwnedDatasets) -> DatasetUse:
    return use if caller.agency_id == known.agency_id else for_everybody(use)


def _range(params: Mapping[str, str]) -> tuple[date, date]:
    """30 days until today unless `from` and `to` say otherwise."""
    since, until = last_days(30)
    try:
        return (
            date.fromisoformat(params["from"]) if "from" in params else since,
            date.fromisoformat(params["to"]) if "to" in params else until,
        )
    except ValueError:
        raise InvalidRequest("from and to must be dates like 2026-11-23.", reason="range") from None


def _names(wanted: list[str], known: Mapping[str, int]) -> list[str]:
    missing = [name for name in wanted if name not in known]
    if missing:
        raise NotFound(f"There is no dataset {missing[0]} of this agency.")
    names = sorted(set(wanted)) or sorted(known)
    if len(names) > DATASETS_MAX:
        raise InvalidRequest(
            f"An answer has at most {DATASETS_MAX} datasets.", hint="Name some: ?dataset=…&dataset=….", reason="range"
        )
    return names
