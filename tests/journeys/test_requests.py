"""Data requests over HTTP: anybody asks and reads, the agency answers, and nobody learns who asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.datasets.requests.deadlines import keep_clocks
from publicgsb.datasets.requests.working_days import load_calendar
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.requesting import tell_asker
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.schema.worlds import found

PATH = "/api/v1/requests"
TEXT = "لطفاً فهرست ایستگاه‌های سنجش هوا را با مختصات آن‌ها منتشر کنید."
ASKED = {"agency": "air", "title": "ایستگاه‌های هوا", "text": TEXT}


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found(connections, state_dir)
    async with running(settings, connections) as service:
        yield service


async def ask(service: Service, **more: Any) -> dict[str, Any]:
    answer = await service.http.post(PATH, json={**ASKED, **more})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{PATH}/{told['id']}"
    return told


async def decide(service: Service, key: str, number: int, step: str, **body: str) -> httpx2.Response:
    headers = {"authorization": f"Bearer {key}"}
    return await service.http.post(f"{PATH}/{number}/{step}", json=body, headers=headers)


async def refused(service: Service, body: Any, **more: Any) -> tuple[int, str]:
    answer = await service.http.post(PATH, **({"json": body} if "content" not in more else {}), **more)
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json().get("details", {}).get("reason", answer.json()["code"])


async def test_from_asked_to_acknowledged_to_released_without_any_key_to_read(service: Service) -> None:
    told = await ask(service, dataset="air/airports", email="asker@example.org")
    asked = datetime.fromisoformat(told["askedAt"])
    assert datetime.fromisoformat(told["dueAt"]) == load_calendar().deadline(asked, 10)
    assert (told["state"], told["dataset"], told["text"]) == ("open", "air/airports", TEXT)
    key = await service.agency_key("air")
    assert (await decide(service, key, told["id"], "acknowledge")).json()["state"] == "acknowledged"
    done = await decide(service, key, told["id"], "answer", state="released", dataset="air/airports", message="Here.")
    assert (done.status_code, done.json()["state"]) == (200, "released")
    read = (await service.http.get(f"{PATH}/{told['id']}")).json()
    assert [step["state"] for step in read["history"]] == ["open", "acknowledged", "released"]
    assert read["history"][-1] == {**read["history"][-1], "by": "agency", "dataset": "air/airports", "message": "Here."}
    assert "asker" not in (await service.http.get(PATH)).text + str(read)


async def test_a_refusal_without_a_ground_is_told_as_one(service: Service) -> None:
    told, key = await ask(service), await service.agency_key("air")
    assert (await decide(service, key, told["id"], "answer", state="refused")).json()[
        "state"
    ] == "refused_without_ground"
    done = await decide(service, key, told["id"], "answer", state="refused", legalGround="IR-FOI-13")
    assert (done.json()["state"], done.json()["history"][-1]["legalGround"]) == ("refused", "IR-FOI-13")
    grounds = (await service.http.get(f"{PATH}/grounds")).json()["grounds"]
    assert {"IR-FOI-13", "IR-FOI-17", "IR-PD-4.3"} <= {one["code"] for one in grounds}
    bad = await decide(service, key, (await ask(service))["id"], "answer", state="refused", legalGround="secret")
    assert (bad.status_code, bad.json()["details"]["reason"]) == (400, "legal_ground")


async def test_whoever_left_an_address_is_written_to_once_and_in_our_words_alone(service: Service) -> None:
    told = await ask(service, email="asker@example.org", title="Win a prize now")
    due = datetime.fromisoformat(told["dueAt"])
    for _ in range(2):
        await keep_clocks(service.connections, due, tell=tell_asker("http://gsb"))
    async with service.connections.use() as connection:
        mails = await connection.fetch("select * from gsb.mail where to_address = 'asker@example.org'")
    (mail,) = mails
    assert f"/api/v1/requests/{told['id']}" in mail["body"]
    assert "prize" not in mail["subject"] + mail["body"]


async def test_the_page_shows_requests_and_figures_and_runs_nothing_of_anybody_s(service: Service) -> None:
    await ask(service, title="<script>alert(1)</script>")
    answer = await service.http.get("/requests")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "درخواست‌های داده" in answer.text
    agencies = (await service.http.get("/catalog.json")).json()["agencies"]
    (asked,) = (one["name"] for one in agencies if one["slug"] == ASKED["agency"])
    assert asked["fa"] in answer.text and asked["en"] in answer.text
    assert "until the end of" in answer.text


async def test_pages_go_on_where_the_last_one_ended_and_keep_their_filters(service: Service) -> None:
    numbers = [(await ask(service, agency=agency))["id"] for agency in ("air", "geo", "air", "air")]
    at, seen = f"{PATH}?agency=air&state=open&state=no_answer&limit=2", []
    for _ in range(5):
        page = (await service.http.get(at)).json()
        seen += [one["id"] for one in page["requests"]]
        at = page["next"]
        if at is None:
            break
    assert seen == [number for number in reversed(numbers) if number != numbers[1]]


@pytest.mark.parametrize(
    "query", ["state=lost", "limit=0", "limit=101", "limit=x", "before=0", "before=-1", "before=٣", "dataset=airports",
              "dataset=geo/x&agency=air", "agency=a%00b", "before=99999999999999999999"]
)  # fmt: skip
async def test_a_filter_that_is_none_is_refused(service: Service, query: str) -> None:
    answer = await service.http.get(f"{PATH}?{query}")
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("number", ["0", "x", "1.5", "-1", "99999999999999999999", "999", "%00", "١"])
async def test_a_request_that_is_not_there_is_not_found(service: Service, number: str) -> None:
    assert (await service.http.get(f"{PATH}/{number}")).status_code == 404


async def test_markup_comes_back_as_the_text_that_it_is(service: Service) -> None:
    text = "<script>alert('hello there')</script>"
    told = await ask(service, text=text)
    answer = await service.http.get(f"{PATH}/{told['id']}")
    assert answer.json()["text"] == text
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({**ASKED, "text": TEXT + "\u202egnp.exe"}, (400, "characters")),
        ({**ASKED, "title": "a title\0 with an end"}, (400, "characters")),
        ({**ASKED, "text": TEXT + " 09123456789"}, (400, "personal_data")),
        ({**ASKED, "text": "x" * 5_000}, (400, "text")),
        ({**ASKED, "text": ["x"]}, (400, "text")),
        ({**ASKED, "email": "a@example.org\r\nBcc: b@example.org"}, (400, "email")),
        ({**ASKED, "state": "released"}, (400, "members")),
        ({**ASKED, "dataset": "geo/countries"}, (400, "dataset")),
        ({**ASKED, "agency": "nobody"}, (404, "NOT_FOUND")),
        ({"agency": "air", "title": "A title"}, (400, "text")),
        ([], (400, "body")),
    ],
)
async def test_what_nobody_should_read_or_may_say_is_refused(
    service: Service, body: Any, expected: tuple[int, str]
) -> None:
    assert await refused(service, body) == expected
    assert (await service.http.get(PATH)).json()["requests"] == []


async def test_a_megabyte_a_pit_of_brackets_and_other_media_are_refused(service: Service) -> None:
    json = {"content-type": "application/json"}
    assert await refused(service, None, content=b'{"text": "' + b"x" * 1_000_000 + b'"}', headers=json) == (
        413,
        "body_bytes",
    )
    assert await refused(service, None, content=b"[" * 30_000, headers=json) == (400, "body")
    assert await refused(service, None, content=b"\xff\xfe", headers=json) == (400, "body")
    assert await refused(service, None, content=b"title=x", headers={"content-type": "text/plain"}) == (
        415,
        "media_type",
    )


async def test_an_address_asks_ten_times_an_hour(service: Service) -> None:
    for _ in range(10):
        await ask(service)
    assert await refused(service, ASKED) == (429, "address")
    assert (await service.http.get(PATH)).status_code == 200


async def test_nobody_but_the_asked_agency_decides(service: Service) -> None:
    told = await ask(service)
    geo, data = await service.agency_key("geo"), await service.data_key()
    assert (await decide(service, geo, told["id"], "answer", state="refused")).status_code == 403
    assert (await decide(service, data, told["id"], "acknowledge")).json()["details"]["reason"] == "data_key"
    assert (await service.http.post(f"{PATH}/{told['id']}/answer", json={"state": "refused"})).status_code == 401


async def test_an_end_is_read_at_its_moment_whether_or_not_it_was_written_down(service: Service) -> None:
    told = await ask(service)
    async with service.connections.use() as connection:
        await connection.execute(
            "update gsb.data_request set asked_at = $1, due_at = $2",
            datetime.now(UTC) - timedelta(days=20),
            datetime.now(UTC) - timedelta(seconds=1),
        )
    read = (await service.http.get(f"{PATH}/{told['id']}")).json()
    assert (read["state"], read["history"][-1]["at"]) == ("no_answer", read["dueAt"])
    assert (await service.http.get(f"{PATH}?state=no_answer")).json()["requests"] == [read]
    (figures,) = (await service.http.get(f"{PATH}/figures?agency=air")).json()["agencies"]
    assert (figures["asked"], figures["noAnswer"], figures["medianWorkingDays"]) == (1, 1, None)
