"""The REST routes of webhooks: an owner token manages an organisation's, an agency key its agency's."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publicgsb.apikeys.asking import Dependencies, Limit, body_of, owner_or_caller_of, private
from publicgsb.apikeys.model import Actor, Owner
from publicgsb.apikeys.moments import told
from publicgsb.apikeys.webhooks import bodies
from publicgsb.apikeys.webhooks.model import (
    Delivery,
    DeliveryState,
    Holder,
    Outcome,
    Webhook,
    message_name,
    no_such_webhook,
)
from publicgsb.apikeys.webhooks.service import Issued, Pinged, Webhooks
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted
from publicgsb.platform.kernel.held import refuse_held

PAGE_DEFAULT, PAGE_MAX = 20, 100
_PATH = "/api/v1/webhooks"
_ID_DIGITS_MAX = 18  # never more than a bigint holds


@dataclass(frozen=True, slots=True)
class WebhookRoutes:
    """`limit` guards, per client address, the routes that call a receiver."""

    webhooks: Webhooks
    who: Dependencies
    limit: Limit

    def routes(self) -> list[Route]:
        calls = self.limit
        return [
            Route(_PATH, self.list, methods=["GET"]),
            Route(_PATH, calls(self.register), methods=["POST"]),
            Route(_PATH + "/{id}", calls(self.change), methods=["PATCH"]),
            Route(_PATH + "/{id}", self.remove, methods=["DELETE"]),
            Route(_PATH + "/{id}/deliveries", self.deliveries, methods=["GET"]),
            Route(_PATH + "/{id}/replay", self.replay, methods=["POST"]),
            Route(_PATH + "/{id}/rotate", self.rotate, methods=["POST"]),
            Route(_PATH + "/{id}/test", calls(self.test), methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        listed = await self.webhooks.list(await self._holder(request))
        return private({"webhooks": [webhook_to_json(webhook) for webhook in listed]})

    async def register(self, request: Request) -> Response:
        holder = await self._holder(request)
        body = bodies.webhook_request(await body_of(request))
        return _issued(await self.webhooks.register(holder, body.url, body.kinds, body.label), 201)

    async def change(self, request: Request) -> Response:
        holder, webhook_id = await self._holder(request), _id(request)
        body = bodies.webhook_change(await body_of(request))
        changed = await self.webhooks.change(holder, webhook_id, url=body.url, kinds=body.kinds, label=body.label)
        if body.is_disabled:
            changed = await self.webhooks.disable(holder, webhook_id, "owner")
        return _tested(changed) if isinstance(changed, Pinged) else private({"webhook": webhook_to_json(changed)})

    async def remove(self, request: Request) -> Response:
        await self.webhooks.remove(await self._holder(request), _id(request))
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def deliveries(self, request: Request) -> Response:
        holder, webhook_id, query = await self._holder(request), _id(request), request.query_params
        limit = _number(query.get("limit"), "limit") or PAGE_DEFAULT
        found = await self.webhooks.deliveries(
            holder, webhook_id, _number(query.get("before"), "before"), _state(query.get("state")), min(limit, PAGE_MAX)
        )
        return private({"deliveries": [delivery_to_json(delivery) for delivery in found]})

    async def replay(self, request: Request) -> Response:
        holder = await self._holder(request)
        what = bodies.replay_request(await body_of(request))
        return private({"messages": await self.webhooks.replay(holder, _id(request), what)}, 202)

    async def rotate(self, request: Request) -> Response:
        holder = await self._holder(request)
        hours = bodies.secret_rotation(await body_of(request))
        return _issued(await self.webhooks.rotate(holder, _id(request), hours), 201)

    async def test(self, request: Request) -> Response:
        return _tested(await self.webhooks.test(await self._holder(request), _id(request)))

    async def _holder(self, request: Request) -> Holder:
        caller = await owner_or_caller_of(request, self.who)
        if isinstance(caller, Owner):
            return Holder(caller.organisation.id, None, caller.actor)
        if caller.kind is not KeyKind.AGENCY:
            raise NotPermitted(
                "A data key manages no webhooks, so that a leaked one stays harmless.",
                reason="data_key",
                hint="Send the owner token of your registration as Authorization: Bearer.",
            )
        refuse_held(caller)
        return Holder(None, caller.agency_id, Actor(f"person:{caller.person_id}", None))


def webhook_to_json(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "label": webhook.label,
        "url": webhook.url,
        "kinds": list(webhook.kinds),
        "state": webhook.state,
        "disabledReason": webhook.disabled_reason,
        "verifiedAt": told(webhook.verified_at),
        "lastSuccessAt": told(webhook.last_success_at),
        "failingSince": told(webhook.failing_since),
        "failures": webhook.failures,
        "previousSecretUntil": told(webhook.previous_until),
        "createdAt": told(webhook.created_at),
    }


def delivery_to_json(delivery: Delivery) -> dict[str, Any]:
    is_pending = delivery.state is DeliveryState.PENDING
    return {
        "id": delivery.id,
        "messageId": message_name(delivery.message_id),
        "kind": delivery.kind,
        "announcedAt": told(delivery.at),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "nextAttemptAt": told(delivery.due_at) if is_pending else None,
        "lastAttemptAt": told(delivery.last_attempt_at),
        "lastStatus": delivery.last_status,
        "lastError": delivery.last_error,
        "deliveredAt": told(delivery.delivered_at),
    }


def _issued(issued: Issued, status: int) -> Response:
    answer: dict[str, Any] = {"webhook": webhook_to_json(issued.webhook), "secret": issued.secret}
    if issued.outcome is not None:
        answer["test"] = _outcome(issued.outcome)
    return private(answer, status)


def _tested(tested: Pinged) -> Response:
    return private({"webhook": webhook_to_json(tested.webhook), "test": _outcome(tested.outcome)})


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {"ok": outcome.is_success, "status": outcome.status, "error": outcome.error}


def _id(request: Request) -> int:
    text = str(request.path_params["id"])
    if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS_MAX):
        raise no_such_webhook()
    return int(text)


def _number(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:_ID_DIGITS_MAX]) > 0 and len(text) <= _ID_DIGITS_MAX):
        raise InvalidRequest(f"?{name}= is a whole number from 1 on.", reason=name)
    return int(text)


def _state(text: str | None) -> DeliveryState | None:
    if text is None:
        return None
    try:
        return DeliveryState(text)
    except ValueError:
        raise InvalidRequest("?state= is pending, delivered or failed.", reason="state") from None
