"""`gsb key` at a terminal: what is selected ends, and nothing by accident."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from tests.processes import gsb, settings_env

from publicgsb.apikeys.model import Registered
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings


@pytest.fixture
async def made(settings: Settings, connections: Connections) -> list[Registered]:
    secrets = load_secrets(settings)
    keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.peppers)
    return [await keys.register("Rah", "rah@example.ir", "cheap travel") for _ in range(3)]


async def _run(settings: Settings, *arguments: str, exit_code: int = 0) -> Any:
    return await asyncio.to_thread(gsb, settings_env(settings), "key", *arguments, exit_code=exit_code)


async def test_keys_are_revoked_by_id_and_by_selection(settings: Settings, made: list[Registered]) -> None:
    first, second, third = made
    one = await _run(settings, "revoke", first.key.key.id, "--reason", "leaked")
    assert (one["state"], one["effective"], one["open"]) == ("revoked", "everywhere", 0)
    number = str(second.organisation.id)
    many = await _run(settings, "revoke", "--organisation", number, "--reason", "closed")
    assert (many["revoked"], many["keys"]) == (1, [second.key.key.id])
    rest = await _run(settings, "revoke", "--issued-before", "2100-01-01T00:00:00Z", "--reason", "old")
    assert rest["keys"] == [third.key.key.id]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("abcdefgh", "--organisation", "1"),
        ("--issued-before", "yesterday"),
        ("--issued-before", "2026-11-27"),
    ],
)
async def test_nothing_is_revoked_without_a_clear_word(
    settings: Settings, made: list[Registered], arguments: tuple[str, ...]
) -> None:
    await _run(settings, "revoke", *arguments, "--reason", "x", exit_code=2)
    assert [key["state"] for key in await _run(settings, "list", "--organisation", str(made[0].organisation.id))] == [
        "active"
    ]


async def test_keys_are_counted_by_their_pepper(settings: Settings, made: list[Registered]) -> None:
    assert await _run(settings, "pepper") == [{"version": 1, "keys": len(made)}]
    changed = settings.model_copy(update={"pepper": SecretStr("another pepper " * 4), "pepper_version": 2})
    assert await _run(changed, "pepper") == [{"version": 1, "keys": 3}]


async def test_a_key_is_rotated_and_the_new_one_shown_once(settings: Settings, made: list[Registered]) -> None:
    old = made[0].key.key
    rotated = await _run(settings, "rotate", old.id, "--overlap-hours", "1")
    assert (rotated["replaced"], rotated["state"]) == (old.id, "active")
    assert rotated["key"].startswith("gsbl_" + rotated["id"])
    listed = await _run(settings, "list", "--organisation", str(made[0].organisation.id))
    assert {one["id"]: one["state"] for one in listed} == {old.id: "retiring", rotated["id"]: "active"}
    assert all("key" not in one for one in listed)
    await _run(settings, "rotate", old.id, exit_code=5)


async def test_a_rotation_at_a_terminal_keeps_the_overlap_of_the_installation(
    settings: Settings, made: list[Registered]
) -> None:
    environment = settings_env(settings, rotation_overlap_hours="0")
    rotated = await asyncio.to_thread(gsb, environment, "key", "rotate", made[0].key.key.id)
    assert datetime.fromisoformat(rotated["worksUntil"]) <= datetime.now(UTC)
