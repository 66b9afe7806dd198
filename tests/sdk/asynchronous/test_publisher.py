"""What a publisher sends, and how it reads the answers, against a small service in memory."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import URL

from publicgsb_sdk import AsyncClient, AsyncPublisher, DeadlineExceeded, InvalidRequest, Publisher, Unauthenticated
from publicgsb_sdk.asynchronous.deadline import AsyncDeadline
from publicgsb_sdk.asynchronous.sending import upload_of
from publicgsb_sdk.errors import ServerError
from publicgsb_sdk.key import checksum

BODY = "gsba_" + "k" * 8 + "s" * 32
AGENCY_KEY = BODY + checksum(BODY)
JOB = {"id": "job_1", "agency": "roads", "dataset": "signs", "submission": None, "report": None, "release": None}


class Desk:
    """Takes files, and answers as it is told, the last answer again and again."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self.bodies: list[bytes] = []
        self.replies: list[httpx2.Response] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.bodies.append(await request.aread())
        self.requests.append(request)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def reply(self, *documents: Any, status: int = 200) -> None:
        self.replies += [httpx2.Response(status, json=document) for document in documents]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def agency(desk: Desk) -> AsyncIterator[AsyncPublisher]:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(desk)) as http:
        yield AsyncPublisher(AGENCY_KEY, URL, http_client=http, max_retries=0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"code\n1\n")
    return path


async def test_the_key_is_made_of_the_bytes_and_of_all_that_is_wished(
    desk: Desk, agency: AsyncPublisher, file: Path
) -> None:
    desk.reply(JOB | {"state": "released", "release": 4})
    await agency.release(file, "roads.signs")
    await agency.release(file, "roads/signs")
    await agency.release(file, "roads.signs", mode="append")
    file.write_bytes(b"code\n2\n")
    await agency.release(file, "roads.signs")
    await agency.release(file, "roads.signs", idempotency_key="mine")
    keys = [request.headers["idempotency-key"] for request in desk.requests]
    assert keys[0] == keys[1] and len(set(keys)) == 4 and keys[-1] == "mine"
    sent = desk.requests[0]
    assert (sent.headers["content-type"], sent.headers["content-length"], desk.bodies[0]) == (
        "text/csv",
        "7",
        b"code\n1\n",
    )
    assert sent.headers["authorization"] == f"Bearer {AGENCY_KEY}"
    assert str(desk.requests[2].url).endswith("/signs/releases?mode=append")


async def test_a_retry_sends_the_file_from_its_start_under_the_same_key(desk: Desk, file: Path) -> None:
    desk.replies = [httpx2.Response(503), httpx2.Response(200, json=JOB | {"state": "released", "release": 4})]
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(desk)) as http:
        agency = AsyncPublisher(AGENCY_KEY, URL, http_client=http, max_retries=1)
        assert (await agency.release(file, "roads.signs")).release == 4
    assert desk.bodies == [b"code\n1\n"] * 2
    assert len({request.headers["idempotency-key"] for request in desk.requests}) == 1


async def test_what_progress_raises_is_the_callers_own(desk: Desk, agency: AsyncPublisher, file: Path) -> None:
    """No fault of the file, and none of the connection."""
    for own in (OSError("stderr is closed"), RuntimeError("cancelled by the user")):

        def told(stage: str, done: int, total: int, own: Exception = own) -> None:
            raise own

        with pytest.raises(type(own)) as raised:
            await agency.release(file, "roads.signs", progress=told)
        assert raised.value is own


async def test_a_file_that_nobody_waits_for_any_more_is_not_sent_whole(file: Path) -> None:
    upload = await upload_of(file, lambda stage, done, total: None)
    sent: list[bytes] = []
    with pytest.raises(DeadlineExceeded):
        async for piece in upload.pieces(AsyncDeadline(60)):
            sent.append(piece)
            upload.give_up()
    assert sent == [b""]


async def test_of_a_file_that_has_grown_no_more_is_sent_than_was_announced(file: Path) -> None:
    """A connection would break by one byte more, and who sends it would be told of the connection."""

    def grow(stage: str, done: int, total: int) -> None:
        with file.open("ab") as out:
            out.write(b"x" * (3 << 20))

    upload = await upload_of(file, grow)
    sent = 0
    with pytest.raises(InvalidRequest, match="changed while"):
        async for piece in upload.pieces(AsyncDeadline(60)):
            sent += len(piece)
    assert sent <= 7


async def test_what_may_have_arrived_is_not_sent_twice(desk: Desk) -> None:
    desk.replies = [httpx2.Response(503)]
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(desk)) as http:
        agency = AsyncPublisher(AGENCY_KEY, URL, http_client=http, max_retries=5)
        with pytest.raises(Exception, match="503"):
            await agency.send_back("sub_1", "No.")
    assert len(desk.requests) == 1


async def test_following_ends_by_the_deadline_and_says_that_it_goes_on(
    desk: Desk, agency: AsyncPublisher, file: Path
) -> None:
    desk.reply(JOB | {"state": "running"})
    with pytest.raises(DeadlineExceeded, match="goes on without you"):
        await agency.release(file, "roads.signs", deadline=1.5)
    waiting = await agency.release(file, "roads.signs", wait=False)
    assert (waiting.state, waiting.is_released) == ("running", False)


async def test_a_job_that_failed_is_the_error_that_it_names(desk: Desk, agency: AsyncPublisher, file: Path) -> None:
    problem = {
        "code": "INVALID_REQUEST",
        "status": 400,
        "detail": "No.",
        "details": {"reason": "mode"},
        "requestId": "j",
    }
    desk.reply(JOB | {"state": "failed", "error": problem})
    with pytest.raises(InvalidRequest) as told:
        await agency.release(file, "roads.signs")
    assert (told.value.reason, told.value.request_id) == ("mode", "j")


async def test_a_contract_as_a_document_goes_first_and_names_its_dataset(
    desk: Desk, agency: AsyncPublisher, file: Path
) -> None:
    report = {"isReleasable": True, "rowsRead": 1, "errorsTotal": 0}
    desk.reply({"id": "val_1", "state": "waiting"}, {"id": "val_1", "state": "good", "report": report})
    found = await agency.validate(file, {"agency": "roads", "dataset": "signs"})
    assert (found.is_good, found.rows, found.links) == (True, 1, ())
    paths = [(request.method, request.url.path) for request in desk.requests]
    assert paths == [
        ("POST", "/api/v1/agencies/roads/datasets/signs/validate/contract"),
        ("PUT", "/api/v1/validations/val_1/file"),
    ]
    assert json.loads(desk.bodies[0])["dataset"] == "signs"


@pytest.mark.parametrize(
    ("name", "contract", "why"),
    [
        pytest.param("rows.doc", None, "endings", id="no format"),
        pytest.param("nowhere.csv", None, "cannot be read", id="no file"),
        pytest.param("rows.csv", "contract.toml", "ends with", id="no contract's ending"),
        pytest.param("rows.csv", "nowhere.yaml", "cannot be read", id="no contract"),
        pytest.param("rows.csv", {"fields": []}, "which dataset", id="of no dataset"),
    ],
)
async def test_what_cannot_be_sent_is_said_before_anything_is(
    desk: Desk, agency: AsyncPublisher, file: Path, name: str, contract: Any, why: str
) -> None:
    (file.parent / "rows.doc").write_bytes(b"x")
    dataset = "roads.signs" if contract is None else None
    with pytest.raises(InvalidRequest, match=why):
        await agency.validate(file.parent / name, contract, dataset=dataset)
    assert desk.requests == []


async def test_neither_dataset_nor_contract_and_keys_that_are_none_are_refused(
    desk: Desk, agency: AsyncPublisher, file: Path
) -> None:
    with pytest.raises(InvalidRequest, match="Neither"):
        await agency.validate(file)
    for key in ("", "two words", "نه", "x" * 129):
        with pytest.raises(InvalidRequest, match="idempotency"):
            await agency.release(file, "roads.signs", idempotency_key=key)
    assert desk.requests == []


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"id": "val_1", "state": "good", "report": {"surprise": 1}}, id="no report"),
        pytest.param({"id": "val_1", "state": "refused", "report": {"surprise": 1}}, id="no report of errors"),
        pytest.param({"hello": "world"}, id="without a state"),
        pytest.param(["hello"], id="a list"),
    ],
)
async def test_an_answer_that_is_nothing_of_the_kind_is_named_as_such(
    desk: Desk, agency: AsyncPublisher, file: Path, document: Any
) -> None:
    """Another version of the service, or what answers in its place."""
    desk.reply(document)
    with pytest.raises(ServerError, match="cannot read"):
        await agency.validate(file, dataset="roads.signs")
    for wait in (True, False):
        with pytest.raises(ServerError, match="cannot read"):
            await agency.release(file, "roads.signs", wait=wait)
    with pytest.raises(ServerError, match="cannot read"):
        await agency.submissions()


async def test_what_cannot_be_sent_is_said_in_the_language_of_the_caller(desk: Desk, file: Path) -> None:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(desk)) as http:
        agency = AsyncPublisher(AGENCY_KEY, URL, http_client=http, locale="fa")
        for mistake in (
            agency.release(file, "roads"),
            agency.submit(file, "roads"),
            agency.declare("roads.signs", "contract.toml"),
        ):
            with pytest.raises(InvalidRequest, match="فهمیده نمی‌شود"):
                await mistake


async def test_a_client_has_one_by_its_own_key_or_by_that_of_the_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, api_key: str
) -> None:
    desk.reply({"submissions": []})
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(desk)) as http:
        assert await AsyncClient(AGENCY_KEY, URL, http_client=http).publish.submissions() == ()
        monkeypatch.delenv("PGSB_AGENCY_KEY", raising=False)
        with pytest.raises(Unauthenticated, match="no agency key"):
            _ = AsyncClient(api_key, URL, http_client=http).publish
        monkeypatch.setenv("PGSB_AGENCY_KEY", AGENCY_KEY)
        assert await AsyncClient(api_key, URL, http_client=http).publish.submissions() == ()
    assert {request.headers["authorization"] for request in desk.requests} == {f"Bearer {AGENCY_KEY}"}


def test_both_publishers_have_the_same_names() -> None:
    names = [{name for name in dir(kind) if not name.startswith("_")} for kind in (Publisher, AsyncPublisher)]
    assert names[0] == names[1]
