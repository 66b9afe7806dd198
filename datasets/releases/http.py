"""The REST routes by which an agency's own people take back what was released."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.recall import ReachOf, Recalled, recall, unknown_reach
from publicgsb.datasets.reviews.service import actor_of, refuse_to_act
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound, NotPermitted

BODY_BYTES_MAX = 16 * 1024

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]


@dataclass(frozen=True, slots=True)
class TakingBackRoutes:
    """For publishers and reviewers alike: whoever sees that it must stop may stop it."""

    connections: Connections
    authenticate: Authenticate
    reach_of: ReachOf = unknown_reach

    def routes(self) -> list[Route]:
        dataset = "/api/v1/agencies/{agency}/datasets/{dataset}"
        return [Route(f"{dataset}/releases/{{seq}}/recall", self.recall, methods=["POST"])]

    async def recall(self, request: Request) -> Response:
        """200 once no process serves it, 202 while some have not yet been told."""
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        caller = await self._caller(request, agency, dataset)
        seq = request.path_params["seq"]
        if not (seq.isascii() and seq.isdigit() and len(seq) <= 9):
            raise NotFound("A release is named by its number.")
        reason = _reason(await _body(request))
        done = await recall(
            *(self.connections, agency, dataset, int(seq), reason, actor_of(caller)), reach_of=self.reach_of
        )
        status = 202 if done.workers_open else 200
        return JSONResponse(recalled_json(done), status, headers={"Cache-Control": "no-store"})

    async def _caller(self, request: Request, agency: str, dataset: str) -> Caller:
        caller = await self.authenticate(request)
        if caller.kind is not KeyKind.AGENCY:
            raise NotPermitted("This needs an agency's key.", hint="Agency keys begin with gsba_.", reason="data_key")
        await refuse_to_act(self.connections, caller, agency, dataset)
        return caller


def recalled_json(done: Recalled) -> dict[str, Any]:
    """`cannotBeRecalled`: the copies that are out there already, as far as usage tells at this moment."""
    return {
        "dataset": done.dataset,
        "release": done.seq,
        "state": "recalled",
        "effective": "everywhere" if done.workers_open == 0 else "pending",
        "workers": done.workers,
        "open": done.workers_open,
        "tookMs": done.took_ms,
        "sha256": done.sha256,
        "reason": {"fa": done.reason.fa, "en": done.reason.en},
        "current": done.current,
        "registryVersion": done.version,
        "tableDropped": done.is_dropped,
        "isNew": done.is_new,
        "cannotBeRecalled": {
            "organisations": done.reach.organisations,
            "applications": done.reach.applications,
            "requests": done.reach.requests,
            "bytes": done.reach.bytes,
            "anonymousBytes": done.reach.anonymous_bytes,
        },
    }


async def _body(request: Request) -> dict[str, Any]:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BODY_BYTES_MAX:
            raise InvalidRequest(f"The body is larger than {BODY_BYTES_MAX} bytes.", reason="body_bytes", status=413)
    try:
        body: Any = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvalidRequest("The body is a JSON object.", reason="body")
    return body


def _reason(body: dict[str, Any]) -> Label:
    reason = body.get("reason")
    if not isinstance(reason, dict) or not all(isinstance(reason.get(name), str) for name in ("fa", "en")):
        raise InvalidRequest(
            "The reason is missing, in Persian and English.", reason="reason", hint='{"reason": {"fa": "…", "en": "…"}}'
        )
    return Label(reason["fa"], reason["en"])
