"""A contract that grows shows in the schema's changelog, in every form of it."""

from pathlib import Path

import anyio

from tests.app import Service
from tests.schema.worlds import COUNTRIES, declare, release

WIDER = (
    COUNTRIES.replace('"1.0.0"', '"1.1.0"')
    + "  - { name: capital, type: string, label: { fa: پایتخت, en: Capital } }\n"
)
ROWS = "code,name,population,capital\nIR,ایران,1,تهران\nTR,Türkiye,2,Ankara\n"


async def versions(service: Service, at_least: int) -> list[dict[str, object]]:
    with anyio.fail_after(60):
        while True:
            found: list[dict[str, object]] = (await service.http.get("/changelog.json")).json()["versions"]
            if len(found) >= at_least:
                return found
            await anyio.sleep(0.05)


async def test_a_field_that_is_added_is_told_on_the_page_in_json_and_in_the_feed(
    service: Service, state_dir: Path
) -> None:
    await versions(service, 1)
    await declare(service.connections, WIDER)
    outcome = await release(service.connections, state_dir, "geo/countries", ROWS)
    assert outcome.release is not None, outcome.report.as_table("en")
    newest, first = await versions(service, 2)
    assert first["changes"] == []
    assert newest["changes"] == [
        {
            "kind": "added",
            "path": "GeoCountry.capital",
            "text": "Field GeoCountry.capital was added.",
            "isBreaking": False,
        }
    ]
    page = await service.http.get("/changelog")
    feed = await service.http.get("/changelog.atom")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert feed.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert "GeoCountry.capital" in page.text
    assert "GeoCountry.capital" in feed.text
