"""The REST routes of submissions, for the agency's own people: hand in, look at, approve, send back, withdraw."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.bodies import json_object
from publicgsb.datasets.http import as_of_of, check_head, idempotency_key_of, notes_in
from publicgsb.datasets.jobs.service import receive
from publicgsb.datasets.releases.modes import read_mode
from publicgsb.datasets.reviews import service
from publicgsb.datasets.reviews.model import State, Submission
from publicgsb.datasets.reviews.page import review_page
from publicgsb.datasets.reviews.rights import refuse_reviewer, submitter_of
from publicgsb.datasets.reviews.told import Hurt, submission_json, submission_line
from publicgsb.datasets.served import Served, all_served, until_served
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.kernel.held import refuse_data_key
from publicgsb.platform.kernel.texts import is_storable

BODY_BYTES_MAX = 16 * 1024

Authenticate: TypeAlias = Callable[[Request], Awaitable[Caller]]

# Which applications asked for these columns of a dataset's major lately; the platform answers, by other parts.
WouldHurt: TypeAlias = Callable[[int, int, Sequence[str]], Awaitable[Sequence[Hurt]]]


async def nobody(dataset_id: int, major: int, fields: Sequence[str]) -> Sequence[Hurt]:
    return ()


@dataclass(frozen=True, slots=True)
class SubmissionRoutes:
    connections: Connections
    authenticate: Authenticate
    state_dir: Path
    upload_bytes_max: int
    would_hurt: WouldHurt = nobody
    served: Served = all_served

    def routes(self) -> list[Route]:
        one = "/api/v1/submissions/{submission}"
        return [
            Route("/api/v1/agencies/{agency}/datasets/{dataset}/submissions", self.hand_in, methods=["POST"]),
            Route("/api/v1/submissions", self.list, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/page", self.page, methods=["GET"]),
            Route(f"{one}/submit", self.submit, methods=["POST"]),
            Route(f"{one}/approve", self.approve, methods=["POST"]),
            Route(f"{one}/send-back", self.send_back, methods=["POST"]),
            Route(f"{one}/withdraw", self.withdraw, methods=["POST"]),
        ]

    async def hand_in(self, request: Request) -> Response:
        caller = await self._caller(request)
        refuse_reviewer(caller)
        agency, dataset = request.path_params["agency"], request.path_params["dataset"]
        key, as_of = idempotency_key_of(request), as_of_of(request)
        mode, embargo_until = read_mode(request.query_params.get("mode")), _embargo_of(request)
        is_draft, notes = request.query_params.get("draft") == "true", notes_in(request)
        check_head(request, self.upload_bytes_max)
        await service.refuse_to_hand_in(self.connections, caller, agency, dataset)
        upload = await receive(self.state_dir, request.stream(), self.upload_bytes_max)
        made, is_new = await service.hand_in(
            *(self.connections, submitter_of(caller), agency, dataset, key, upload),
            as_of=as_of,
            mode=mode,
            embargo_until=embargo_until,
            is_draft=is_draft,
            notes=notes,
        )
        await until_served(self.served, made.version)
        location = {"Location": f"/api/v1/submissions/{made.id}"}
        return JSONResponse(submission_line(made), 202 if is_new else 200, headers=location)

    async def list(self, request: Request) -> Response:
        caller = await self._caller(request)
        wanted = request.query_params.getlist("state")
        try:
            states = [State(one) for one in wanted] or None
        except ValueError:
            raise InvalidRequest(
                f"state is one of {', '.join(state.value for state in State)}.", reason="state"
            ) from None
        found = await service.submissions_of(self.connections, caller.agency_id, states)
        await until_served(self.served, max((one.version for one in found if one.version is not None), default=None))
        shown = [submission_line(one) for one in found if caller.only is None or one.name in caller.only]
        return _private({"submissions": shown})

    async def show(self, request: Request) -> Response:
        found = await self._of(request)
        return _private(submission_json(found, await self._hurt(found)))

    async def page(self, request: Request) -> Response:
        """The same for paper: one page without scripts or anything from elsewhere."""
        found = await self._of(request)
        text = review_page(submission_json(found, await self._hurt(found)), datetime.now(UTC))
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        }
        return HTMLResponse(text, headers=headers)

    async def submit(self, request: Request) -> Response:
        caller = await self._caller(request)
        return self._shown(await service.submit(self.connections, caller, _id(request)))

    async def approve(self, request: Request) -> Response:
        caller = await self._caller(request)
        body = await _texts(request, "fileSha256")
        file_sha256 = body.get("fileSha256")
        return self._shown(await service.approve(self.connections, caller, _id(request), file_sha256=file_sha256))

    async def send_back(self, request: Request) -> Response:
        caller = await self._caller(request)
        body = await _texts(request, "reason")
        done = await service.send_back(self.connections, caller, _id(request), body.get("reason", ""))
        return self._shown(done)

    async def withdraw(self, request: Request) -> Response:
        caller = await self._caller(request)
        body = await _texts(request, "reason")
        done = await service.withdraw_submission(self.connections, caller, _id(request), body.get("reason"))
        return self._shown(done)

    def _shown(self, submission: Submission) -> Response:
        return _private(submission_line(submission))

    async def _of(self, request: Request) -> Submission:
        found = await service.submission_of(self.connections, await self._caller(request), _id(request))
        await until_served(self.served, found.version)
        return found

    async def _hurt(self, submission: Submission) -> Sequence[Hurt]:
        change = (submission.review or {}).get("contract", {})
        if not change.get("touchedFields"):
            return ()
        major = int(change["from"].split(".")[0])
        return await self.would_hurt(submission.dataset_id, major, change["touchedFields"])

    async def _caller(self, request: Request) -> Caller:
        caller = await self.authenticate(request)
        refuse_data_key(caller)
        return caller


def _id(request: Request) -> str:
    found: str = request.path_params["submission"]
    if not is_storable(found):
        raise NotFound("There is no such submission.")
    return found


async def _texts(request: Request, name: str) -> dict[str, str]:
    """An object of one text, or an empty one."""
    body = await json_object(request, BODY_BYTES_MAX, (name,))
    if not all(isinstance(one, str) for one in body.values()):
        raise InvalidRequest(f"{name} is a text.", reason="body")
    return body


def _embargo_of(request: Request) -> datetime | None:
    text = request.query_params.get("embargoUntil")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise InvalidRequest(
            "embargoUntil must be a moment with its offset, like 2026-12-24T08:00:00+03:30.", reason="embargo"
        )
    return moment


def _private(body: dict[str, Any]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
