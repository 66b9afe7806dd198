"""Two agencies with restricted data, and organisations that apply for it over HTTP."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from publicgsb.apikeys.model import OPERATOR, Registered
from publicgsb.apikeys.organisations import Organisations
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.database import Connections
from tests.app import Service
from tests.schema.worlds import COMMON, declare, found, release

POSTS = (
    COMMON
    + """
agency: geo
dataset: posts
recordName: Post
title: { fa: "پست‌ها", en: "Posts" }
primaryKey: [id]
orderings: [wage]
fields:
  - { name: id, type: string, label: { fa: "شناسه", en: "Id" }, constraints: { required: true }, filters: [eq] }
  - { name: wage, type: integer, label: { fa: "مزد", en: "Wage" }, filters: [range], access: restricted,
      legalGround: "IR-FOI-15" }
  - { name: home_town, type: string, label: { fa: "زادگاه", en: "Home town" }, access: restricted,
      legalGround: "IR-FOI-15" }
  - { name: holder, type: string, label: { fa: "دارنده", en: "Holder" }, access: withheld, legalGround: "IR-FOI-14" }
"""
)
CREWS = (
    COMMON.replace("access: open", "access: restricted")
    + """
agency: air
dataset: crews
recordName: Crew
title: { fa: "خدمه", en: "Crews" }
primaryKey: [id]
legalGround: "IR-FOI-15"
fields:
  - { name: id, type: string, label: { fa: "شناسه", en: "Id" }, constraints: { required: true }, filters: [eq] }
  - { name: name, type: string, label: { fa: "نام", en: "Name" } }
"""
)
OPEN = "{ geo { posts(first: 2) { nodes { id } } } }"
WAGE = "{ geo { posts(first: 2) { nodes { id wage } } } }"
BY_WAGE = "{ geo { posts(orderBy: WAGE_DESC) { nodes { id } } } }"
HOME = "{ geo { posts(first: 2) { nodes { id homeTown } } } }"
CREW = "{ air { crews { nodes { id name } } } }"
CREW_FILE = "/files/air/crews/latest.csv"


async def found_restricted(connections: Connections, folder: Path) -> None:
    await found(connections, folder)
    await declare(connections, POSTS)
    await declare(connections, CREWS)
    await release(connections, folder, "geo/posts", "id,wage,home_town\n1,100,Qom\n2,200,Yazd\n")
    await release(connections, folder, "air/crews", "id,name\n1,A\n2,B\n")


@dataclass(frozen=True, slots=True)
class Applicant:
    """An organisation with its owner token, a live and a test key."""

    organisation: int
    token: str
    key: str
    test_key: str


async def approved(connections: Connections, registered: Registered) -> None:
    """By an operator, on the plan that it has: restricted data are for approved organisations."""
    await Organisations(connections).approve(registered.organisation.id, OPERATOR, registered.organisation.plan)


async def applicant(service: Service) -> Applicant:
    registered = await service.keys.register("A startup", "a@example.org", "Trying it")
    await approved(service.connections, registered)
    owner = await service.keys.owner(registered.owner_token.text)
    test = await service.keys.create_key(owner, kind=KeyKind.TEST)
    return Applicant(registered.organisation.id, registered.owner_token.text, registered.key.secret, test.secret)


WORDS = {
    "purpose": "Comparing wages between towns",
    "legalBasis": "Article 5 of the law",
    "contact": "a@example.org",
    "responsible": "M. Karimi, data protection officer",
}


async def send(http: httpx2.AsyncClient, token: str, method: str, path: str, **body: Any) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await http.request(method, f"/api/v1/grants{path}", json=body or None, headers=headers)


async def drafted(http: httpx2.AsyncClient, token: str, dataset: str = "geo/posts", **more: Any) -> int:
    answer = await send(http, token, "POST", "", dataset=dataset, **WORDS, **more)
    assert (answer.status_code, answer.json()["state"]) == (201, "draft"), answer.text
    number: int = answer.json()["id"]
    assert answer.headers["location"] == f"/api/v1/grants/{number}"
    return number


async def submitted(http: httpx2.AsyncClient, token: str, dataset: str = "geo/posts", **more: Any) -> int:
    number = await drafted(http, token, dataset, **more)
    assert await stepped(http, token, number, "submit") == "submitted"
    return number


async def stepped(http: httpx2.AsyncClient, token: str, number: int, step: str, **body: Any) -> str:
    """The state after a step, or the reason (or code) of its refusal."""
    answer = await send(http, token, "POST", f"/{number}/{step}", **body)
    told = answer.json()
    if answer.status_code >= 400:
        return str(told.get("details", {}).get("reason", told["code"]))
    return str(told["state"])


def reason(answer: httpx2.Response) -> str:
    """`answered`, or why a question was refused."""
    if answer.status_code == 200:
        return "answered" if "errors" not in answer.json() else "errors"
    return str(answer.json()["errors"][0]["extensions"]["details"]["reason"])
