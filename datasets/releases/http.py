"""The REST routes by which an agency's own people take back what was released."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.bodies import json_object
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.deprecating import deprecate, undeprecate
from publicgsb.datasets.releases.model import Swapped
from publicgsb.datasets.releases.recall import ReachOf, Recalled, recall, unknown_reach
from publicgsb.datasets.releases.service import withdraw
from publicgsb.datasets.reviews.rights import actor_of, refuse_to_act
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.kernel.held import refuse_data_key
from publicgsb.platform.kernel.texts import is_storable

BODY_BYTES_MAX = 16 * 1024
GROUND_LENGTH_MAX = 200

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]


@dataclass(frozen=True, slots=True)
class TakingBackRoutes:
    """For publishers and reviewers alike: whoever sees that it must stop may stop it."""

    connections: Connections
    authenticate: Authenticate
    reach_of: ReachOf = unknown_reach
    journal: Path | None = None  # by which a restore knows of a recall

    def routes(self) -> list[Route]:
        dataset = "/api/v1/agencies/{agency}/datasets/{dataset}"
        return [
            Route(f"{dataset}/releases/{{seq}}/recall", self.recall, methods=["POST"]),
            Route(f"{dataset}/withdraw", self.withdraw, methods=["POST"]),
            Route(f"{dataset}/deprecate", self.deprecate, methods=["POST"]),
        ]

    async def recall(self, request: Request) -> Response:
        """200 once no process serves it, 202 while some have not yet been told."""
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        caller = await self._caller(request, agency, dataset)
        seq = request.path_params["seq"]
        if not (seq.isascii() and seq.isdigit() and len(seq) <= 9):
            raise NotFound("A release is named by its number.")
        reason = _reason(await json_object(request, BODY_BYTES_MAX))
        done = await recall(
            *(self.connections, agency, dataset, int(seq), reason, actor_of(caller)),
            reach_of=self.reach_of,
            journal=self.journal,
        )
        status = 202 if done.workers_open else 200
        return JSONResponse(recalled_json(done), status, headers={"Cache-Control": "no-store"})

    async def withdraw(self, request: Request) -> Response:
        """The dataset answers nothing from now on; the catalogue keeps when, by whom, why and on which ground."""
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        caller = await self._caller(request, agency, dataset)
        body = await json_object(request, BODY_BYTES_MAX)
        ground = _text(body, "legalGround", GROUND_LENGTH_MAX)
        reason = _reason(body)
        done = await withdraw(*(self.connections, agency, dataset, reason, actor_of(caller)), legal_ground=ground)
        return _swapped({"dataset": f"{agency}/{dataset}", "state": "withdrawn"}, done)

    async def deprecate(self, request: Request) -> Response:
        """With a last day (`sunsetOn`); `{"sunsetOn": null}` takes it back."""
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        caller = await self._caller(request, agency, dataset)
        body, actor = await json_object(request, BODY_BYTES_MAX), actor_of(caller)
        if "sunsetOn" in body and body["sunsetOn"] is None:
            done = await undeprecate(self.connections, agency, dataset, actor)
            return _swapped({"dataset": f"{agency}/{dataset}", "state": "active"}, done)
        try:
            sunset_on = date.fromisoformat(str(body.get("sunsetOn")))
        except ValueError:
            raise InvalidRequest("sunsetOn must be a date like 2027-03-20, or null.", reason="sunset") from None
        successor = _text(body, "successor", 100)
        done = await deprecate(
            *(self.connections, agency, dataset, sunset_on, _reason(body), actor), successor=successor
        )
        told = {"dataset": f"{agency}/{dataset}", "state": "deprecated", "sunsetOn": sunset_on.isoformat()}
        return _swapped(told, done)

    async def _caller(self, request: Request, agency: str, dataset: str) -> Caller:
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        await refuse_to_act(self.connections, caller, agency, dataset)
        return caller


def recalled_json(done: Recalled) -> dict[str, Any]:
    """`cannotBeRecalled`: the copies that are out there already, as far as usage tells at this moment; null when it
    could not be counted in time.
    """
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
        "stillIn": list(done.still_in),
        "registryVersion": done.version,
        "tableDropped": done.is_dropped,
        "isNew": done.is_new,
        "cannotBeRecalled": {
            "organisations": done.reach.organisations,
            "applications": done.reach.applications,
            "requests": done.reach.requests,
            "bytes": done.reach.bytes,
            "anonymousBytes": done.reach.anonymous_bytes,
        }
        if done.reach
        else None,
    }


def _swapped(told: dict[str, Any], done: Swapped) -> Response:
    reach = {
        "effective": "everywhere" if done.workers_behind == 0 else "pending",
        "workers": done.workers,
        "open": done.workers_behind,
        "tookMs": done.took_ms,
    }
    return JSONResponse(told | reach, 202 if done.workers_behind else 200, headers={"Cache-Control": "no-store"})


def _text(body: dict[str, Any], name: str, length_max: int) -> str | None:
    text = body.get(name)
    if text is not None and not (isinstance(text, str) and 0 < len(text) <= length_max and is_storable(text)):
        raise InvalidRequest(f"{name} is a text of 1 to {length_max} characters.", reason=name)
    return text


def _reason(body: dict[str, Any]) -> Label:
    reason = body.get("reason")
    if not isinstance(reason, dict) or not all(isinstance(reason.get(name), str) for name in ("fa", "en")):
        raise InvalidRequest(
            "The reason is missing, in Persian and English.", reason="reason", hint='{"reason": {"fa": "…", "en": "…"}}'
        )
    if not all(is_storable(text) for text in (reason["fa"], reason["en"])):
        raise InvalidRequest("The reason holds what is no character.", reason="reason")
    return Label(reason["fa"], reason["en"])
