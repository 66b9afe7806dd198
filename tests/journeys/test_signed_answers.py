"""`Prefer: gsb-signature`, from the running service to an offline check with the key set that was saved before."""

import asyncio
import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk import AnotherQuestion, AnswerAltered, Signed, UnknownSigner, VerificationFailed, verify
from tests.app import GRAPHQL, Service, running
from tests.journeys.plain import BODY, endpoint, long_way, request, short_way

PAGE = "query Page($n: Int) { air { airports(first: $n) { nodes { icao city } } } }"
BY_KEY = "query One($icao: String!) { air { airport(by: {icao: $icao}) { icao city } } }"
ALL = {"query": "{ air { airports(first: 2) { nodes { icao city } } } }"}


async def jwks(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = (await service.http.get("/.well-known/jwks.json")).json()
    return found


async def post(service: Service, key: str, body: Any, **headers: str) -> httpx2.Response:
    sent = {"authorization": f"Bearer {key}", "accept": GRAPHQL, "prefer": "gsb-signature", **headers}
    return await service.http.post("/graphql", json=body, headers=sent)


async def get(service: Service, key: str, **headers: str) -> httpx2.Response:
    sent = {"authorization": f"Bearer {key}", "prefer": "gsb-signature"} | headers
    params = {"query": PAGE, "variables": json.dumps({"n": 2})}
    return await service.http.get("/graphql", params=params, headers=sent)


def check(answer: httpx2.Response, jwks: dict[str, Any], document: str, variables: Any = None, **more: Any) -> Signed:
    assert answer.headers["preference-applied"] == "gsb-signature"
    signed = verify(
        answer.content,
        answer.headers["gsb-signature"],
        document=document,
        variables=variables,
        jwks=jwks,
        max_age=60,
        **more,
    )
    assert signed.request_id == answer.headers["x-request-id"]
    return signed


async def test_an_answer_by_post_holds_for_its_question_and_for_no_other(service: Service, key: str) -> None:
    keys = await jwks(service)
    answer = await post(service, key, {"query": PAGE, "variables": {"n": 2}, "operationName": "Page"})
    check(answer, keys, PAGE, {"n": 2}, operation_name="Page")
    for document, variables, name in ((PAGE, {"n": 3}, "Page"), (BY_KEY, {"n": 2}, "Page"), (PAGE, {"n": 2}, None)):
        with pytest.raises(AnotherQuestion):
            check(answer, keys, document, variables, operation_name=name)


async def test_an_answer_by_get_keeps_its_bytes_and_its_tag_and_the_signature_stands_beside(
    service: Service, key: str
) -> None:
    keys = await jwks(service)
    signed, plain = await get(service, key), await get(service, key, prefer="")
    assert (signed.content, signed.headers["etag"]) == (plain.content, plain.headers["etag"])
    assert "prefer" in signed.headers["vary"].lower()
    assert "gsb-signature" not in plain.headers
    assert check(signed, keys, PAGE, {"n": 2}).request_id != plain.headers["x-request-id"]
    same = await get(service, key, **{"if-none-match": signed.headers["etag"]})
    assert (same.status_code, "gsb-signature" in same.headers) == (304, False)


async def test_compression_happens_after_the_signature(
    settings: Settings, connections: Connections, service: Service, key: str
) -> None:
    async with running(settings.model_copy(update={"gzip_bytes_min": 1}), connections) as packing:
        answer = await post(packing, key, ALL, **{"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        check(answer, await jwks(packing), ALL["query"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "{ nothing }"}, 400),
        ({"query": "{ air {"}, 400),
        ({"query": PAGE, "variables": {"n": -1}}, 400),
        ({"query": "{ air { airports(first: 1) { nodes { icao manager } } } }"}, 200),
    ],
)
async def test_errors_that_answer_a_question_are_signed_as_well(
    service: Service, key: str, body: dict[str, Any], status: int
) -> None:
    answer = await post(service, key, body)
    assert (answer.status_code, bool(answer.json()["errors"])) == (status, True)
    check(answer, await jwks(service), body["query"], body.get("variables"))


async def test_what_has_no_caller_or_no_question_is_answered_unsigned(service: Service, key: str) -> None:
    """Nobody unknown makes the service sign, and a signature always names a question."""
    nobody = await post(service, "nonsense", ALL)
    no_question = await post(service, key, [])
    assert (nobody.status_code, no_question.status_code) == (401, 400)
    assert not {"gsb-signature", "preference-applied"} & {*nobody.headers, *no_question.headers}


@pytest.mark.parametrize("prefer", ["", "respond-async", "gsb-signatures", "x-gsb-signature", 'x="gsb-signature"'])
async def test_nothing_is_signed_that_was_not_asked_for(service: Service, key: str, prefer: str) -> None:
    answer = await post(service, key, ALL, prefer=prefer)
    assert not {"gsb-signature", "preference-applied"} & set(answer.headers)


@pytest.mark.parametrize("prefer", ["GSB-Signature", "respond-async, gsb-signature", "gsb-signature; v=1, wait=1"])
async def test_a_preference_is_read_as_the_standard_writes_it(service: Service, key: str, prefer: str) -> None:
    check(await post(service, key, ALL, prefer=prefer), await jwks(service), ALL["query"])


async def test_a_document_by_its_hash_is_the_same_question_as_its_text(service: Service, key: str) -> None:
    keys, text = await jwks(service), ALL["query"]
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}
    for body in ({"query": text, "extensions": extensions}, {"extensions": extensions}):
        answer = await post(service, key, body)
        assert answer.status_code == 200, answer.text
        check(answer, keys, text)


async def test_look_ups_that_share_a_statement_each_get_their_own_signature(service: Service, key: str) -> None:
    keys = await jwks(service)
    asked = ["OIII", "OIIE", "OIII", "none"] * 5
    answers = await asyncio.gather(
        *(post(service, key, {"query": BY_KEY, "variables": {"icao": icao}}) for icao in asked)
    )
    good = [(answer, icao) for answer, icao in zip(answers, asked, strict=True) if answer.status_code == 200]
    assert len(good) >= 4  # a plan's concurrency may refuse some, and those are signed too
    for answer, icao in zip(answers, asked, strict=True):
        check(answer, keys, BY_KEY, {"icao": icao})
    assert len({answer.headers["gsb-signature"] for answer in answers}) == len(answers)


async def test_what_is_kept_and_answered_at_once_brings_nobody_elses_signature(service: Service, key: str) -> None:
    keys = await jwks(service)
    document = json.loads(BODY)["query"]
    signed = [await long_way(service, key, prefer="gsb-signature") for _ in range(4)]
    plain = await long_way(service, key, 3)
    assert "gsb-signature" not in plain.headers
    assert len({check(answer, keys, document).request_id for answer in signed}) == 4
    assert await short_way(service, request(key)) is not None
    assert endpoint(service).again(request(key, prefer="gsb-signature")) is None
    at_once = await short_way(service, request(key))
    assert at_once is not None
    assert b"gsb-signature" not in dict(at_once.headers)


async def test_a_flipped_byte_anywhere_or_another_service_is_refused(service: Service, key: str) -> None:
    keys = await jwks(service)
    answer = await post(service, key, ALL)
    signature = answer.headers["gsb-signature"]
    for at in range(0, len(answer.content), 9):
        changed = bytearray(answer.content)
        changed[at] ^= 1
        with pytest.raises(AnswerAltered):
            verify(bytes(changed), signature, document=ALL["query"], jwks=keys)
    for at in range(0, len(signature), 5):
        other = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]
        with pytest.raises(VerificationFailed):
            verify(answer.content, other, document=ALL["query"], jwks=keys)
    with pytest.raises(UnknownSigner):
        verify(answer.content, signature, document=ALL["query"], jwks={"keys": []})


async def test_the_header_names_key_time_request_and_question_and_nothing_else(service: Service, key: str) -> None:
    answer = await post(service, key, ALL)
    head, payload, _ = answer.headers["gsb-signature"].split(".")
    said = json.loads(urlsafe_b64decode(head + "=="))
    assert payload == ""
    assert set(said) == {"alg", "b64", "crit", "typ", "kid", "iat", "requestId", "question"}
    assert (said["alg"], said["b64"], said["crit"], said["typ"]) == ("EdDSA", False, ["b64"], "gsb-answer")


async def test_variables_nested_beyond_reason_end_in_an_answer(service: Service, key: str) -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    answer = await post(service, key, {"query": PAGE, "variables": {"n": deep}})
    assert answer.status_code == 400


async def test_a_signature_costs_no_points(service: Service, key: str) -> None:
    await long_way(service, key, 2)
    signed, plain = [await long_way(service, key, prefer=prefer) for prefer in ("gsb-signature", "")]
    assert signed.json()["extensions"]["cost"]["actual"] == plain.json()["extensions"]["cost"]["actual"]
