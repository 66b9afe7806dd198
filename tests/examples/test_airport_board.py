"""The parts of the board of departures: what it keeps and drops, which key it takes, whom it believes."""

import asyncio
import base64
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from examples.airport_board.app import build
from examples.airport_board.board import Board, persian_date
from examples.airport_board.cache import KEPT_MAX, KEPT_SECONDS, Cache
from examples.airport_board.key_file import KeyFile
from persiantools.jdatetime import JalaliDate
from standardwebhooks.webhooks import Webhook
from starlette.testclient import TestClient

from publicgsb_sdk import AsyncClient
from publicgsb_sdk.key import checksum

SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()
PAGE = ("EWR", "2013-03-02", 6)
BODY = "gsbl_" + "k" * 40
KEY = BODY + checksum(BODY)


class Made:
    """Makes boards of a release that the test sets, and counts them; `gate` holds them back."""

    def __init__(self) -> None:
        self.release, self.times = 1, 0
        self.begun, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def __call__(self) -> Board:
        self.times += 1
        self.begun.set()
        release = self.release
        await self.gate.wait()
        return Board("Newark", (), {"transport/airlines": release}, (), 9)


async def test_a_board_is_made_once_and_again_after_a_message_about_a_dataset_of_it() -> None:
    cache, made = Cache(), Made()
    boards = await asyncio.gather(*(cache.get(PAGE, made) for _ in range(20)))
    await cache.get(PAGE, made)
    assert made.times == 1 and set(map(id, boards)) == {id(boards[0])}
    cache.heard("mapping/cities", 7, 3)
    await cache.get(PAGE, made)
    assert made.times == 1, "another dataset's release changes nothing"
    made.release = 2
    cache.heard("transport/airlines", 8, 2)
    assert (await cache.get(PAGE, made)).releases == {"transport/airlines": 2}


async def test_an_answer_from_before_the_message_is_shown_and_not_kept() -> None:
    """Nor does anybody join it who asks after the message."""
    cache, made = Cache(), Made()
    made.gate.clear()
    before = asyncio.create_task(cache.get(PAGE, made))
    await made.begun.wait()
    cache.heard("transport/airlines", 8, 2)
    made.release = 2
    made.begun.clear()
    after = asyncio.create_task(cache.get(PAGE, made))
    await made.begun.wait()
    made.gate.set()
    assert ((await before).releases, (await after).releases) == ({"transport/airlines": 1}, {"transport/airlines": 2})
    assert (await cache.get(PAGE, made)).releases == {"transport/airlines": 2} and made.times == 2


async def test_an_older_message_that_comes_late_changes_nothing() -> None:
    cache, made = Cache(), Made()
    made.release = 3
    cache.heard("transport/airlines", 9, 3)
    cache.heard("transport/airlines", 8, 2)
    await cache.get(PAGE, made)
    await cache.get(PAGE, made)
    assert made.times == 1


async def test_a_lost_message_is_made_up_for_by_time_and_memory_is_bounded() -> None:
    now = 0.0
    cache, made = Cache(lambda: now), Made()
    await cache.get(PAGE, made)
    now = KEPT_SECONDS
    await cache.get(PAGE, made)
    assert made.times == 2
    for hour in range(KEPT_MAX):
        await cache.get(("JFK", "2013-03-02", hour), made)
    await cache.get(PAGE, made)
    assert made.times == KEPT_MAX + 3


async def test_a_visitor_who_leaves_takes_the_board_from_nobody_and_a_failure_is_not_kept() -> None:
    cache, made = Cache(), Made()
    made.gate.clear()
    leaves, stays = (asyncio.create_task(cache.get(PAGE, made)) for _ in range(2))
    await made.begun.wait()
    leaves.cancel()
    made.gate.set()
    assert (await stays).airport == "Newark"

    async def fails() -> Board:
        raise OSError

    with pytest.raises(OSError):
        await cache.get(("LGA", "", 0), fails)
    assert (await cache.get(("LGA", "", 0), made)).airport == "Newark"


def test_the_key_of_now_is_read_and_the_last_one_kept_while_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("one\n")
    key = KeyFile(file)
    file.write_text("two\n")
    assert key() == "two"
    file.write_text("")
    assert key() == "two"
    file.unlink()
    assert key() == "two"


@pytest.mark.parametrize("is_replaced", [True, False])
async def test_a_replaced_key_is_warned_of_once_and_a_dataset_on_its_way_out_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_replaced: bool
) -> None:
    """An answer with data has the same headers for either; that to whoami has the key's own."""
    ending = {"deprecation": "@1795737600", "sunset": "Fri, 27 Nov 2026 12:00:00 GMT"}

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/graphql":
            return httpx2.Response(200, json={"data": {}}, headers=ending)
        whoami = {"credential": "key", "key": {"id": "k1"}}
        return httpx2.Response(200, json=whoami, headers=ending if is_replaced else {})

    (tmp_path / "key").write_text(KEY)
    key = KeyFile(tmp_path / "key")
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        gsb = AsyncClient(key, "http://gsb.test", http_client=http)
        for _ in range(3):
            await gsb.graphql("{ a }")
            await key.look_at(gsb)
    warned = [record.getMessage() for record in caplog.records if record.name == "airport_board"]
    assert len(warned) == is_replaced
    assert all("was replaced and works until Fri, 27 Nov 2026 12:00:00 GMT" in one for one in warned)


@pytest.fixture
def board(tmp_path: Path) -> TestClient:
    (tmp_path / "key").write_text("gsbl_unused")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    return TestClient(build("http://127.0.0.1:9", tmp_path / "key", tmp_path / "secret"))


def signed(body: str, secret: str = SECRET) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", now, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def test_only_what_the_service_signed_is_believed(board: TestClient) -> None:
    data: dict[str, Any] = {"dataset": "transport/airlines", "release": 2, "registryVersion": 9}
    body = str({"type": "release.published", "timestamp": "2026-11-27T12:00:00+00:00", "data": data}).replace("'", '"')
    assert board.post("/hooks/gsb", content=body, headers=signed(body)).status_code == 204
    ping = '{"type": "webhook.ping", "timestamp": "2026-11-27T12:00:00+00:00", "data": {}}'
    assert board.post("/hooks/gsb", content=ping, headers=signed(ping)).status_code == 204
    other = "whsec_" + base64.b64encode(b"o" * 24).decode()
    for headers in ({}, signed(body, other), signed(ping)):
        assert board.post("/hooks/gsb", content=body, headers=headers).status_code == 401


@pytest.mark.parametrize("secret", ["", "no secret", None])
def test_without_a_secret_messages_are_to_come_again(board: TestClient, tmp_path: Path, secret: str | None) -> None:
    if secret is None:
        (tmp_path / "secret").unlink()
    else:
        (tmp_path / "secret").write_text(secret)
    answer = board.post("/hooks/gsb", content="{}", headers=signed("{}"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/EWRX", 404), ("/ایرا", 404), ("/E-R", 404), ("/EWR?day=1391-13-01", 400), ("/EWR?hour=22", 400)),
        *(("/EWR?day=9999-12-31", 400), ("/EWR?hour=-1", 400), ("/EWR?hour=six", 400)),
    ],
)
def test_what_is_no_airport_day_or_hour_is_refused_in_persian_and_asks_nothing(
    board: TestClient, path: str, status: int
) -> None:
    answer = board.get(path)
    assert answer.status_code == status and 'dir="rtl"' in answer.text


def test_a_service_that_is_away_is_told_with_the_time_to_come_back(board: TestClient) -> None:
    """Here it has a key that is none."""
    answer = board.get("/EWR")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(
    "day", [date(2013, 3, 20), date(2013, 3, 21), date(2013, 9, 22), date(2013, 9, 23), date(2021, 3, 20)]
)
def test_a_day_is_written_in_persian(day: date) -> None:
    other = JalaliDate(day)  # type: ignore[no-untyped-call]
    digits = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    assert persian_date(day) == f"{other.day} {other.strftime('%B', locale='fa')} {other.year}".translate(digits)
