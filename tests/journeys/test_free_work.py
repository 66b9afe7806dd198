"""What costs no points cannot be had without end."""

from publicgsb.schema.serving.allowance import NEW_FREE_DOCUMENTS_MAX, Allowance
from tests.app import Service


async def test_new_free_documents_are_refused_after_some_and_known_ones_never(service: Service, key: str) -> None:
    known = "{ me { plan } }"
    await service.ask(key, known)
    statuses = [
        (await service.ask(key, f"{{ a{n}: me {{ plan }} }}")).status_code for n in range(NEW_FREE_DOCUMENTS_MAX)
    ]
    assert statuses == [200] * (NEW_FREE_DOCUMENTS_MAX - 1) + [429]
    assert (await service.ask(key, known)).status_code == 200
    refused = await service.ask(key, "{ another: me { plan } }")
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert (await service.ask(await service.data_key(), "{ another: me { plan } }")).status_code == 200


async def test_new_slices_are_refused_after_some_and_known_ones_never(service: Service, key: str) -> None:
    endpoint = next(route.endpoint for route in service.app.routes if getattr(route, "path", "") == "/graphql")  # type: ignore[attr-defined]
    endpoint._answering.planning._new_slices = Allowance("new slices", 2)

    async def status(slice_: str) -> int:
        headers = {"x-api-key": key, "gsb-datasets": slice_}
        return (await service.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)).status_code

    names = ("air/airports", "geo/countries", "fly/flights", "air/airports", "geo/countries")
    assert [await status(name) for name in names] == [200, 200, 429, 200, 200]
