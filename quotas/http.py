"""What a caller has left, which plans there are, and what an operation costs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.quotas.allowance import Allowance, looks
from publicgsb.quotas.model import Plan, Policy, Standing
from publicgsb.quotas.plans import Plans
from publicgsb.quotas.prices import PRICES
from publicgsb.quotas.purse import Purses

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]
Page: TypeAlias = Callable[[Sequence[Plan]], Response]


@dataclass(frozen=True, slots=True)
class QuotaRoutes:
    """The routes of quotas; `authenticate` comes from the platform, because keys are another part's."""

    purses: Purses
    plans: Plans
    authenticate: Authenticate
    page: Page | None = None  # the prices for people; the platform brings it
    looks: Allowance = field(default_factory=looks)

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/quota", self.quota, methods=["GET"]),
            Route("/api/v1/plans", self.list_plans, methods=["GET"]),
            Route("/pricing", self.pricing, methods=["GET"]),
        ]

    async def quota(self, request: Request) -> Response:
        """Free: costs no points and touches no window; some hundred times a minute."""
        caller = await self.authenticate(request)
        if not caller.organisation_id:
            raise NotPermitted(
                "An agency key has no quota, because it reads no data.", hint="Use a data key.", reason="agency_key"
            )
        self.looks.spend(caller.application_id)
        standings = await self.purses.standing(caller.account, caller.plan, caller.key_id)
        body = {"plan": caller.plan, "policies": [standing_to_json(standing) for standing in standings]}
        room = self.purses.headers(caller.account, caller.plan, caller.key_id)
        headers = {name.decode(): value.decode() for name, value in room}
        return _json(body, headers | {"cache-control": "no-store"})

    async def list_plans(self, request: Request) -> Response:
        return _json({"plans": [plan_summary(plan) for plan in self.plans.all()]}, _PUBLIC)

    async def pricing(self, request: Request) -> Response:
        """A page for browsers, one line per price for whoever asks for text, else JSON."""
        accept = request.headers.get("accept", "")
        if self.page is not None and "text/html" in accept:
            shown = self.page(self.plans.all())
            shown.headers.update(_PUBLIC)
            return shown
        if "text/plain" in accept:
            lines = [f"{price.points:>3} points per {price.per_en}" for price in PRICES]
            return Response("\n".join(lines) + "\n", media_type="text/plain", headers=_PUBLIC)
        prices = [
            {"name": price.name, "points": price.points, "per": {"en": price.per_en, "fa": price.per_fa}}
            for price in PRICES
        ]
        return _json({"prices": prices, "plans": [plan_summary(plan) for plan in self.plans.all()]}, _PUBLIC)


def plan_summary(plan: Plan) -> dict[str, Any]:
    return {"name": plan.name, "policies": [policy_summary(policy) for policy in plan.policies]}


def policy_summary(policy: Policy) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "name": policy.name,
        "kind": policy.kind.value,
        "limit": policy.limit,
        "unit": policy.unit.value,
    }
    if policy.window_seconds:
        summary["windowSeconds"] = policy.window_seconds
    if policy.period:
        summary["period"] = policy.period.value
    if policy.shadow:
        summary["shadow"] = True
    if policy.per_key:
        summary["perKey"] = True
    return summary


def standing_to_json(standing: Standing) -> dict[str, Any]:
    return policy_summary(standing.policy) | {
        "used": standing.used,
        "reserved": standing.reserved,
        "remaining": standing.remaining,
        "resetsAt": standing.resets_at.strftime("%Y-%m-%dT%H:%M:%SZ") if standing.resets_at else None,
    }


_PUBLIC = {"cache-control": "public, max-age=60", "vary": "accept"}


def _json(body: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json", headers=headers)
