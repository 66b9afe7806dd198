"""What costs no points cannot be had without end."""

from publicgsb.quotas.allowance import NEW_FREE_DOCUMENTS_MAX, Allowance
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


async def test_looks_at_one_s_account_are_refused_after_some_unless_they_are_paid_for(
    service: Service, key: str
) -> None:
    """Each asks the stores that everybody's points come from, so nobody may do that as fast as they can send."""
    endpoint = next(route.endpoint for route in service.app.routes if getattr(route, "path", "") == "/graphql")  # type: ignore[attr-defined]
    endpoint._answering._looks = Allowance("looks", 2, "wait")
    look, plan = "{ me { quota { remaining } usage { points } } }", "{ me { plan } }"
    assert [(await service.ask(key, document)).status_code for document in (look, look, plan)] == [200, 429, 200]
    paid = await service.ask(key, "{ me { quota { remaining } } air { airports(first: 1) { nodes { icao } } } }")
    assert (paid.status_code, "errors" in paid.json()) == (200, False)
    assert (await service.ask(await service.data_key(), look)).status_code == 200


async def test_new_slices_are_refused_after_some_and_known_ones_never(service: Service, key: str) -> None:
    endpoint = next(route.endpoint for route in service.app.routes if getattr(route, "path", "") == "/graphql")  # type: ignore[attr-defined]
    endpoint._answering.planning._new_slices = Allowance("new slices", 2, "wait")

    async def status(slice_: str) -> int:
        headers = {"x-api-key": key, "gsb-datasets": slice_}
        return (await service.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)).status_code

    names = ("air/airports", "geo/countries", "fly/flights", "air/airports", "geo/countries")
    assert [await status(name) for name in names] == [200, 200, 429, 200, 200]
