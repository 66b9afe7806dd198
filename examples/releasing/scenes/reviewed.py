"""The demo's tables by way of a second pair of eyes: draft, review, published, with a certificate each."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from examples.releasing.certificates import verified
from examples.releasing.ground import Contract, Ground, demo_contract

# What is published here, in this order: a release of March goes before that of September, which the recall takes back.
TABLES: Mapping[str, str] = {
    "interior/provinces": "interior/provinces.csv",
    "interior/counties": "interior/counties.csv",
    "interior/districts": "interior/districts.csv",
    "transport/airlines": "transport/airlines.csv",
    "transport/planes": "transport/planes.csv",
    "aviation/airports": "aviation/airports-20260315.csv",
}
REST: Mapping[str, str] = {
    "standards/countries": "standards/countries.csv",
    "standards/subdivisions": "standards/subdivisions.csv",
    "mapping/countries": "mapping/countries.csv",
    "mapping/cities": "mapping/cities.csv",
    "meteorology/weather": "meteorology/weather.csv",
    "transport/flights": "transport/flights.csv",
    "interior/rural_districts": "interior/rural_districts.csv",
    "interior/cities": "interior/cities.csv",
    "interior/villages": "interior/villages.csv",
}


def show(ground: Ground, tables: Mapping[str, str]) -> dict[str, Any]:
    tell = ground.tell
    told: list[dict[str, Any]] = []
    drafted = _drafted(ground)
    handed: dict[str, tuple[str, float]] = {}
    for name, file in tables.items():
        began = time.monotonic()
        dataset = ground.declare(reviewed_contract(ground.agency, name))
        draft = ground.publisher.hand_in(dataset, ground.csv / file, draft="true")
        ground.publisher.ask("POST", f"/api/v1/submissions/{draft['id']}/submit")
        handed[dataset] = (draft["id"], began)
    own = _own_is_refused(ground, next(iter(handed.values()))[0])
    for dataset, (submission, began) in handed.items():
        done = ground.published(submission)
        seconds = round(time.monotonic() - began, 1)
        certificate = verified(ground, dataset, done["release"])
        rows, columns = certificate["rows"], len(certificate["columns"])
        tell.step(
            f"{dataset}: draft → in review → approved by {certificate['reviewer']} → release {done['release']} "
            f"of {rows:,} rows; certificate of {columns} columns, its signature holds"
        )
        told.append(
            {
                "dataset": dataset,
                "release": done["release"],
                "rows": rows,
                "submittedBy": done["submittedBy"],
                "reviewer": certificate["reviewer"],
                "rules": f"{certificate['pack']['name']} {certificate['pack']['version']}",
                "verdicts": sorted({column["decision"] for column in certificate["columns"]}),
                "signatureHolds": True,
                "seconds": seconds,
            }
        )
    agency, _, name = str(told[0]["dataset"]).partition("/")
    page = f"{ground.url}/api/v1/agencies/{agency}/datasets/{name}/releases/latest/certificate.html"
    tell.step(f"A certificate to print: {urlsplit(page).path}")
    return {"drafted": drafted, "published": told, "ownSubmissionRefused": own, "certificatePage": page}


def reviewed_contract(agency: str, name: str) -> Contract:
    """The demo's contract of `name` under a name of both, as two of its agencies have countries."""
    contract = demo_contract(agency, name, name.replace("/", "_"))
    return contract | {"recordName": "".join(part.capitalize() for part in contract["dataset"].split("_")) + "Row"}


def _drafted(ground: Ground) -> dict[str, Any]:
    """`gsb dataset draft` reads the real file of the provinces, whose codes have lost their zeros."""
    drafted = ground.operator.run(
        "dataset", "draft", str(ground.csv / "interior/provinces.csv"), "--name", f"{ground.agency}/provinces"
    )
    contract = drafted["contract"]
    types = {one["name"]: one["type"] for one in contract["fields"]}
    ground.tell.step(
        f"gsb dataset draft provinces.csv: {drafted['rows']} rows, key {contract['primaryKey']}, types {types}"
    )
    links = [link for link in drafted["links"] if link["to"] == "interior/provinces"]
    for link in links[:1]:
        ground.tell.step(
            f"  {link['column']} finds {link['matchedWithoutPad']} of {link['distinct']} keys of {link['to']} as it "
            f"stands, and {link['matched']} with zeroPad {link['zeroPad']}: that is what the draft proposes"
        )
    return {"rows": drafted["rows"], "primaryKey": contract["primaryKey"], "types": types, "links": links}


def _own_is_refused(ground: Ground, submission: str) -> str:
    ground.until(submission, "in_review")
    refusal = ground.publisher.refused("POST", f"/api/v1/submissions/{submission}/approve")
    reason: str = refusal["details"]["reason"]
    ground.tell.step(f"{ground.publisher.name} approves what she handed in herself: {refusal['code']} ({reason})")
    return reason
