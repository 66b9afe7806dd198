"""gzip is the last step: from the size that the operator set, for callers that want it, with a tag of its own."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import GRAPHQL, Service, running
from tests.schema.worlds import found

PAGE = "{ air { airports { nodes { icao city country { name } } } } }"
SMALL = '{ air { airport(by: {icao: "OIIE"}) { icao } } }'
BYTES_MIN = 600


@pytest.fixture
async def compressing(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found(connections, state_dir)
    async with running(settings.model_copy(update={"gzip_bytes_min": BYTES_MIN}), connections) as service:
        yield service


async def raw(service: Service, key: str, document: str, encoding: str, **more: str) -> tuple[dict[str, str], bytes]:
    headers = {"authorization": f"Bearer {key}", "accept": GRAPHQL, "accept-encoding": encoding}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    async with service.http.stream("GET", "/graphql", params={"query": document}, headers=headers) as answer:
        body = b"".join([piece async for piece in answer.aiter_raw()])
    return {**answer.headers, "status": str(answer.status_code)}, body


async def test_large_answers_are_compressed_for_those_who_accept_it(compressing: Service) -> None:
    key = await compressing.data_key()
    _, plain = await raw(compressing, key, PAGE, "identity")
    for encoding in ("gzip", "GZIP;q=0.5", "br, gzip", "*", "gzip, identity;q=0.5"):
        headers, body = await raw(compressing, key, PAGE, encoding)
        assert (headers["content-encoding"], gzip.decompress(body)) == ("gzip", plain)
        assert headers["content-length"] == str(len(body))
    for encoding in ("gzip;q=0", "br", "*;q=0", "identity, gzip;q=0.5", "gzip;q=x", "identity"):
        headers, body = await raw(compressing, key, PAGE, encoding)
        assert ("content-encoding" in headers, body) == (False, plain)


async def test_small_answers_are_not_compressed(compressing: Service) -> None:
    headers, body = await raw(compressing, await compressing.data_key(), SMALL, "gzip")
    assert len(body) < BYTES_MIN
    assert "content-encoding" not in headers


async def test_each_encoding_has_its_own_tag_and_both_are_confirmed(compressing: Service) -> None:
    key = await compressing.data_key()
    plain, packed = [(await raw(compressing, key, PAGE, e))[0]["etag"] for e in ("identity", "gzip")]
    assert plain != packed
    for encoding, tag, status in (
        ("gzip", packed, "304"),
        ("gzip", plain, "304"),
        ("identity", plain, "304"),
        ("identity", packed, "200"),  # kept in a form that is not wanted any more
    ):
        assert (await raw(compressing, key, PAGE, encoding, if_none_match=tag))[0]["status"] == status


async def test_the_same_answer_is_compressed_to_the_same_bytes(compressing: Service) -> None:
    key = await compressing.data_key()
    assert (await raw(compressing, key, PAGE, "gzip"))[1] == (await raw(compressing, key, PAGE, "gzip"))[1]


async def test_posted_answers_are_compressed_too_and_nothing_is_where_the_setting_is_0(
    compressing: Service, settings: Settings, connections: Connections
) -> None:
    key = await compressing.data_key()
    posted = await compressing.ask(key, PAGE)
    assert posted.headers["content-encoding"] == "gzip"
    assert len(posted.json()["data"]["air"]["airports"]["nodes"]) == 6
    async with running(settings.model_copy(update={"gzip_bytes_min": 0}), connections) as service:
        assert "content-encoding" not in (await service.ask(key, PAGE)).headers
