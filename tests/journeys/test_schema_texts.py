"""SDL, slices and introspection as tools ask for them."""

import gzip
import json
from typing import Any

import pytest
from graphql import (
    build_client_schema,
    build_schema,
    execute_sync,
    get_introspection_query,
    lexicographic_sort_schema,
    parse,
    print_schema,
)

from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.serving.texts import SchemaTexts
from tests.app import GRAPHQL, Service

STANDARD = get_introspection_query(input_value_deprecation=True, schema_description=True)


def texts_of(service: Service) -> SchemaTexts:
    route = next(route for route in service.app.routes if getattr(route, "path", "") == "/schema.graphql")
    texts: SchemaTexts = route.endpoint.__self__.worlds.current.texts  # type: ignore[attr-defined]
    return texts


async def ask_slice(service: Service, key: str, document: str, datasets: str) -> tuple[int, dict[str, Any]]:
    headers = {"authorization": f"Bearer {key}", "accept": GRAPHQL, "gsb-datasets": datasets}
    answer = await service.http.post("/graphql", json={"query": document}, headers=headers)
    return answer.status_code, answer.json()


async def test_the_sdl_comes_compressed_with_a_tag_of_its_own_text(service: Service) -> None:
    packed = await service.http.get("/schema.graphql", headers={"accept-encoding": "gzip"})
    plain = await service.http.get("/schema.graphql", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "accept-encoding")
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.text == plain.text
    assert packed.headers["etag"] != plain.headers["etag"]
    for one, encoding in ((packed, "gzip"), (plain, "identity")):
        headers = {"accept-encoding": encoding, "if-none-match": one.headers["etag"]}
        again = await service.http.get("/schema.graphql", headers=headers)
        assert (again.status_code, again.content) == (304, b"")


async def test_a_slice_of_the_sdl_has_the_named_datasets_and_no_link_out_of_them(service: Service) -> None:
    answer = await service.http.get("/schema.graphql", params={"datasets": "air/airports, geo/countries"})
    schema = build_schema(answer.text)
    assert {"AirAirport", "GeoCountry", "DatasetInfo", "Query"} <= set(schema.type_map)
    assert "FlyFlight" not in answer.text
    fields = schema.type_map["AirAirport"].fields  # type: ignore[attr-defined]
    assert "country" in fields
    assert "departures" not in fields
    alone = build_schema((await service.http.get("/schema.graphql?datasets=air/airports")).text)
    assert "country" not in alone.type_map["AirAirport"].fields  # type: ignore[attr-defined]


@pytest.mark.parametrize(("named", "status"), [("air/none", 404), ("air", 400), ("", 400), ("a/b,", 400), ("A/b", 400)])
async def test_a_slice_of_what_is_no_dataset_is_refused(service: Service, key: str, named: str, status: int) -> None:
    page = await service.http.get("/schema.graphql", params={"datasets": named})
    asked, body = await ask_slice(service, key, "{ __typename }", named)
    assert (page.status_code, asked) == (status, status)
    assert page.json()["code"] == body["errors"][0]["extensions"]["code"]


async def test_a_query_is_validated_against_its_slice_and_answered_like_without(service: Service, key: str) -> None:
    document = '{ air { airport(by: {icao: "OIIE"}) { city country { name } } } }'
    status, sliced = await ask_slice(service, key, document, "geo/countries,air/airports")
    whole = (await service.ask(key, document)).json()
    assert (status, sliced["data"]) == (200, whole["data"])
    status, refused = await ask_slice(service, key, document, "air/airports")
    assert (status, refused["errors"][0]["extensions"]["code"]) == (400, "INVALID_REQUEST")


async def test_introspection_of_a_slice_shows_the_slice(service: Service, key: str) -> None:
    query = get_introspection_query(specified_by_url=True, directive_is_repeatable=True, one_of=True)
    status, body = await ask_slice(service, key, query, "geo/countries")
    assert status == 200
    sdl = (await service.http.get("/schema.graphql?datasets=geo/countries")).text
    shown = lexicographic_sort_schema(build_client_schema(body["data"]))
    assert print_schema(shown) == print_schema(lexicographic_sort_schema(build_schema(sdl)))


async def test_standard_introspection_is_the_schema_and_is_made_once_for_all_workers(
    service: Service, key: str, connections: Connections
) -> None:
    first = await service.ask(key, STANDARD)
    sdl = (await service.http.get("/schema.graphql")).text
    expected = execute_sync(lexicographic_sort_schema(build_schema(sdl)), parse(STANDARD)).data
    assert expected is not None
    assert first.json()["data"] == expected
    assert first.json()["extensions"]["cost"]["actual"] >= 1
    async with connections.use() as connection:
        (row,) = await connection.fetch("select body from gsb.schema_introspection")
        assert json.loads(gzip.decompress(row["body"])) == expected["__schema"]
        marked = json.loads(gzip.decompress(row["body"])) | {"description": "from the database"}
        await connection.execute(
            "update gsb.schema_introspection set body = $1", gzip.compress(json.dumps(marked).encode())
        )
    texts_of(service)._kept.clear()  # as in another worker
    again = (await service.ask(key, STANDARD.replace("IntrospectionQuery", "Again"))).json()
    assert again["data"]["__schema"]["description"] == "from the database"


async def test_introspection_needs_a_key_and_costs_points(service: Service, key: str) -> None:
    nobody = await service.http.post("/graphql", json={"query": STANDARD})
    assert nobody.status_code == 401
    before = (await service.ask(key, "{ rateLimit { remaining } }")).json()["data"]["rateLimit"]["remaining"]
    await service.ask(key, "{ __schema { types { name } } }")
    after = (await service.ask(key, "{ rateLimit { remaining } }")).json()["data"]["rateLimit"]["remaining"]
    assert after < before


async def test_a_dry_run_introspects_nothing(service: Service, key: str) -> None:
    document = "{ rateLimit(dryRun: true) { cost } agencies { slug } __schema { types { fields { name } } } }"
    data = (await service.ask(key, document)).json()["data"]
    assert data["rateLimit"]["cost"] > 1
    assert (data["agencies"], data["__schema"]) == (None, None)
