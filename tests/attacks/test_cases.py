"""Every attack gets the one answer that is right: its status, its code, nothing of the inside."""

from itertools import groupby

import httpx2
import pytest

from tests.app import GRAPHQL, Service
from tests.attacks.attack import Attack
from tests.attacks.cases import ATTACKS

INSIDE = ("Traceback", 'File "', "select ", "asyncpg", "released.", "gsb.", "postgres")
GROUPS = {
    number: tuple(found)
    for number, found in groupby(sorted(ATTACKS, key=lambda one: one.number), lambda one: one.number)
}


async def send(service: Service, key: str, attack: Attack, number: int) -> httpx2.Response:
    asked = attack.attempt(number)
    asked["headers"] = {"authorization": f"Bearer {key}", "accept": GRAPHQL, **asked["headers"]}
    return await service.http.request(url="/graphql", **asked)


def wrong(attack: Attack, answer: httpx2.Response) -> str | None:
    """What is not as it must be, in a sentence."""
    body = answer.json()
    errors = body.get("errors", [])
    found = {(one["extensions"]["code"], one["extensions"].get("details", {}).get("reason")) for one in errors}
    if answer.status_code != attack.status:
        return f"{attack}: {answer.status_code} instead of {attack.status}: {answer.text[:300]}"
    if attack.code is None:
        return None if not errors else f"{attack}: {found}"
    if {code for code, _ in found} != {attack.code} or (attack.reason and {why for _, why in found} != {attack.reason}):
        return f"{attack}: {found} instead of {attack.code}, {attack.reason}"
    said = "".join(one["message"] + str(one["extensions"].get("hint")) for one in errors)
    inside = [word for word in INSIDE if word in said]
    inside += [word for word in ("Did you mean",) if word in said and "{ ... }" not in said]  # no names of the schema
    return f"{attack}: {inside} in {said}" if inside else None


@pytest.mark.parametrize("number", GROUPS)
async def test_every_case_of_a_number_gets_its_answer(service: Service, key: str, number: str) -> None:
    found = [
        wrong(attack, await send(service, key, attack, attempt)) for attack in GROUPS[number] for attempt in (1, 1, 2)
    ]
    assert [one for one in found if one] == []
