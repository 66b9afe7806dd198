"""A contract that takes a field away: held back by those who use it, announced, and served beside the old one."""

import csv
from pathlib import Path
from typing import Any

from examples.releasing.ground import Ground, api_name
from examples.releasing.people import patient
from examples.releasing.scenes.reviewed import reviewed_contract

DATASET, TABLE = "transport_planes", "transport/planes"
FIELD = "speed"


def show(ground: Ground) -> dict[str, Any]:
    tell, name = ground.tell, f"{ground.agency}/{DATASET}"
    path = f"/api/v1/agencies/{ground.agency}/datasets/{DATASET}"
    old = f"{{ {api_name(ground.agency)} {{ transportPlanes(first: 1) {{ nodes {{ tailnum {FIELD} }} }} }} }}"
    ground.startup.graphql(old)
    ground.until_used(name)

    contract: dict[str, Any] = {**reviewed_contract(ground.agency, TABLE), "version": "2.0.0"}
    contract["fields"] = [one for one in contract["fields"] if one["name"] != FIELD]
    ground.publisher.declare(contract)
    file = _without(ground, FIELD)
    seen = ground.until(ground.publisher.hand_in(name, file)["id"], "in_review")
    change, hurt = seen["review"]["contract"], seen["wouldHurt"]
    tell.step(f"{name} 2.0.0 has no {FIELD} any more: {change['class']}, {'; '.join(change['breaks'])}")
    for one in hurt:
        tell.step(
            f"  the review names who asks for it: {one['name']} of {one['organisation']}: {', '.join(one['fields'])}"
        )
    refusal = ground.reviewer.refused("POST", f"/api/v1/submissions/{seen['id']}/approve")
    tell.step(f"  {ground.reviewer.name} approves: {refusal['code']} ({refusal['details']['reason']})")
    ground.publisher.ask("POST", f"/api/v1/submissions/{seen['id']}/withdraw", json={"reason": "It is announced first"})

    own = ground.publisher.refused("POST", f"{path}/notice")
    notice = ground.reviewer.ask("POST", f"{path}/notice")
    successor = notice["successor"]
    ground.declared.append(successor)
    done = ground.published(ground.publisher.hand_in(successor, file)["id"])
    tell.step(f"{ground.publisher.name} announces what she declared: {own['code']} ({own['details']['reason']})")
    tell.step(f"{ground.reviewer.name} announces it: {successor} beside {name}, which ends on {notice['sunsetOn']}")
    answer = patient(ground.startup.http, "POST", "/graphql", json={"query": old})
    told = answer.json()["data"][api_name(ground.agency)]["transportPlanes"]["nodes"]
    new = ground.startup.graphql(
        f"{{ {api_name(ground.agency)} {{ transportPlanesV2(first: 1) {{ totalCount nodes {{ tailnum }} }} }} }}"
    ).data[api_name(ground.agency)]["transportPlanesV2"]
    tell.step(f"  the old one answers as before, and says until when: Sunset: {answer.headers.get('sunset')}")
    tell.step(f"  {successor}, release {done['release']}: {new['totalCount']:,} rows")
    return {
        "dataset": name,
        "class": change["class"],
        "breaks": change["breaks"],
        "wouldHurt": [{key: one[key] for key in ("organisation", "fields")} for one in hurt],
        "refused": refusal["details"]["reason"],
        "ownAnnouncementRefused": own["details"]["reason"],
        "successor": successor,
        "sunsetOn": notice["sunsetOn"],
        "told": [one["organisation"] for one in notice["applications"]],
        "oldStillAnswers": FIELD in told[0],
        "sunsetHeader": answer.headers.get("sunset"),
        "successorRows": new["totalCount"],
    }


def _without(ground: Ground, column: str) -> Path:
    """The real planes, without one of their columns."""
    file = ground.folder / "planes.csv"
    with (ground.csv / f"{TABLE}.csv").open(encoding="utf-8", newline="") as rows:
        header, *all_rows = csv.reader(rows)
    at = header.index(column)
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([*row[:at], *row[at + 1 :]] for row in (header, *all_rows))
    return file
