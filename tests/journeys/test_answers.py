"""What stands around the data of an answer: cost, receipt, the caller's account, the catalogue, headers."""

import asyncio
import time
from datetime import datetime

from tests.app import Service

LOOK_UP = '{ air { airport(by: {icao: "OIIE"}) { city country { name } } } }'


async def test_the_first_use_of_a_document_pays_for_planning_it_and_no_later_one(service: Service, key: str) -> None:
    first, second = [(await service.ask(key, LOOK_UP)).json()["extensions"]["cost"] for _ in range(2)]
    assert (first["requested"], first["actual"]) == (6, 6)
    assert (second["requested"], second["actual"]) == (1, 1)
    assert second["remaining"] == first["remaining"] - 1
    other = await service.ask(await service.data_key(), LOOK_UP)
    assert other.json()["extensions"]["cost"]["actual"] == 1


async def test_what_was_reserved_and_not_read_is_given_back(service: Service, key: str) -> None:
    ask = "{ air { airports(first: 1000) { nodes { icao } } } }"
    await service.ask(key, ask)
    cost = (await service.ask(key, ask)).json()["extensions"]["cost"]
    assert (cost["requested"], cost["actual"]) == (11, 1)


async def test_a_dry_run_prices_the_request_reads_nothing_and_is_free(service: Service, key: str) -> None:
    ask = """query($n: Int, $dry: Boolean!) {
               rateLimit(dryRun: $dry) { cost records } air { airports(first: $n) { totalCount } } }"""
    dry = (await service.ask(key, ask, {"n": 500, "dry": True})).json()
    assert dry["data"] == {"rateLimit": {"cost": 6, "records": 500}, "air": {"airports": None}}
    assert dry["extensions"]["cost"]["actual"] == 0
    wet = (await service.ask(key, ask, {"n": 500, "dry": False})).json()
    assert wet["data"] == {"rateLimit": {"cost": 6, "records": 500}, "air": {"airports": {"totalCount": 6}}}


async def test_records_and_static_fields_mix_in_the_order_of_the_document(service: Service, key: str) -> None:
    ask = """{ me { plan quota { policy limit remaining } }
               air { airports(first: 1, orderBy: CITY_ASC) { nodes { icao } } }
               dataset(id: "air/airports") { path access current { seq rows } links { to matchRate } }
               agencies { slug name { fa } } }"""
    answer = (await service.ask(key, ask)).json()
    assert list(answer["data"]) == ["me", "air", "dataset", "agencies"]
    assert answer["data"]["me"]["plan"] == "open"
    limits = {row["policy"]: row["limit"] for row in answer["data"]["me"]["quota"]}
    assert (limits["burst"], limits["minute"], limits["month"]) == ("200", "1000", "100000")
    assert answer["data"]["air"]["airports"]["nodes"] == [{"icao": "XXXX"}]
    assert answer["data"]["dataset"] == {
        "path": "air.airports",
        "access": "open",
        "current": {"seq": 1, "rows": 6},
        "links": [{"to": "geo/countries", "matchRate": 5 / 6}],
    }
    assert [agency["slug"] for agency in answer["data"]["agencies"]] == ["air", "fly", "geo"]


async def test_the_own_account_is_free(service: Service, key: str) -> None:
    for _ in range(3):
        answer = (await service.ask(key, "{ me { plan usage { dataset requests } } rateLimit { remaining } }")).json()
    assert answer["data"]["rateLimit"]["remaining"] == 100_000
    assert answer["extensions"]["cost"] == {
        "requested": 0,
        "actual": 0,
        "remaining": answer["extensions"]["cost"]["remaining"],
    }


async def test_what_is_left_is_told_alike_wherever_one_answer_tells_it(service: Service, key: str) -> None:
    own = "rateLimit { remaining policies { policy remaining } } me { quota { policy remaining } }"
    records = "air { airports(first: 1000) { nodes { icao } } }"  # reserves eleven points and takes one
    for document in (f"{{ {own} }}", *[f"{{ {own} {records} }}"] * 3):
        answer = (await service.ask(key, document)).json()
        cost, told = answer["extensions"]["cost"], answer["data"]
        assert told["rateLimit"]["remaining"] == cost["remaining"]
        assert told["rateLimit"]["policies"] == told["me"]["quota"]
        assert {"policy": "month", "remaining": str(cost["remaining"])} in told["me"]["quota"]
    assert (cost["requested"], cost["actual"], cost["remaining"]) == (11, 1, 99_992)


async def test_the_rate_limit_tells_every_policy_with_its_limit_and_when_more_is_there(
    service: Service, key: str
) -> None:
    ask = "{ rateLimit { policies { policy unit limit remaining windowSeconds resetSeconds resetsAt } } " + LOOK_UP[2:]
    began = time.monotonic()
    policies = {row["policy"]: row for row in (await service.ask(key, ask)).json()["data"]["rateLimit"]["policies"]}
    passed = time.monotonic() - began
    assert list(policies) == ["burst", "minute", "month", "concurrency", "files_day", "database", "database_key"]
    burst, month = policies["burst"], policies["month"]
    assert (burst["limit"], burst["remaining"], burst["windowSeconds"]) == ("200", "194", 10)
    assert 9 - passed <= burst["resetSeconds"] <= 11
    assert (burst["resetsAt"], month["resetSeconds"]) == (None, None)
    assert datetime.fromisoformat(month["resetsAt"]).day == 1


async def test_the_receipt_names_release_source_and_terms_of_every_dataset_once(service: Service, key: str) -> None:
    answer = (await service.ask(key, "{ a: " + LOOK_UP[2:-2] + " b: " + LOOK_UP[2:-2] + " }")).json()
    assert [(row["dataset"], row["release"]) for row in answer["extensions"]["receipt"]] == [
        ("air/airports", 1),
        ("geo/countries", 1),
    ]
    assert answer["extensions"]["receipt"][0]["attribution"] == "Made by hand"
    assert answer["extensions"]["receipt"][0]["source"]["name"] == "Hand-made"


async def test_an_answer_over_several_datasets_tells_the_union_of_their_terms(service: Service, key: str) -> None:
    """By POST and asked again, from memory; of one dataset the receipt says all there is to say."""
    combined = [(await service.ask(key, LOOK_UP)).json()["extensions"] for _ in range(3)]
    licences = {row["licence"] for row in combined[0]["receipt"]}
    for told in combined:
        assert {one["name"] for one in told["terms"]["licences"]} == licences
        assert set(told["terms"]["attributions"]) == {row["attribution"] for row in told["receipt"]}
        assert told["terms"]["isShareAlike"] is any(row["isShareAlike"] for row in told["receipt"])
    alone = (await service.ask(key, "{ geo { countries(first: 1) { nodes { code } } } }")).json()["extensions"]
    assert len(alone["receipt"]) == 1 and "terms" not in alone


async def test_persian_leaves_as_utf_8_and_is_never_escaped(service: Service, key: str) -> None:
    answer = await service.ask(key, LOOK_UP)
    assert "تهران".encode() in answer.content
    assert b"\\u" not in answer.content


async def test_every_use_leaves_a_fact_and_every_field_is_noted_once(service: Service, key: str) -> None:
    await asyncio.gather(*(service.ask(key, LOOK_UP) for _ in range(4)))
    async with service.connections.use() as connection:
        for _ in range(100):
            facts = await connection.fetch(
                "select dataset_id, sum(requests)::int as requests, sum(points)::int as points"
                " from gsb.usage_fact group by 1 order by 1"
            )
            if facts and facts[0]["requests"] == 4:
                break
            await asyncio.sleep(0.05)
        fields = await connection.fetch(
            "select d.slug, f.field from gsb.operation_field f join gsb.dataset d on d.id = f.dataset_id order by 1, 2"
        )
    assert [row["requests"] for row in facts] == [4, 4, 4]
    assert facts[0]["points"] == 9  # four requests, one of them with a document never seen before
    assert sum(row["points"] for row in facts[1:]) == 9  # shared by the datasets
    assert [tuple(row) for row in fields] == [
        ("airports", "city"),
        ("airports", "country_code"),
        ("airports", "icao"),
        ("countries", "code"),
        ("countries", "name"),
    ]
