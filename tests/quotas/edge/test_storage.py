"""slowapi gets a storage without any I/O, and neither its source nor a running server names another one to it."""

import ast
import re
from pathlib import Path

import limits
import pytest
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from publicgsb.platform.server.parts import callers, ground
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.edge import storage
from publicgsb.quotas.edge.counts import Asked, Granted
from publicgsb.quotas.edge.leases import Leases, Limit
from publicgsb.quotas.edge.storage import LeaseStorage

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("apikeys", "datasets", "platform", "quotas", "schema")


class OneUnit:
    async def take(self, key: str, asked: Asked) -> Granted:
        return Granted(1 if asked.taken == 0 else 0, 60_000)


def _modules(name: str) -> set[str]:
    """The files of the server that import this library."""
    importing = re.compile(rf"^\s*(?:from|import) {name}\b", re.MULTILINE)
    return {
        str(file.relative_to(ROOT))
        for part in PARTS
        for file in (ROOT / part).rglob("*.py")
        if importing.search(file.read_text(encoding="utf-8"))
    }


async def test_the_scheme_leads_to_this_storage_and_a_hit_spends_what_the_lease_holds() -> None:
    leases = Leases(OneUnit(), wait_seconds=5)
    made = storage_from_string(storage.URI, leases=leases)  # type: ignore[arg-type]
    assert isinstance(made, LeaseStorage)
    item = limits.parse("5/minute")
    await leases.ready(item.key_for("somebody"), Limit(5, 60))
    limiter = FixedWindowRateLimiter(made)
    assert [limiter.hit(item, "somebody") for _ in range(2)] == [True, False]


def test_what_no_lease_holds_is_refused() -> None:
    limiter = FixedWindowRateLimiter(LeaseStorage(leases=Leases(OneUnit())))
    assert not limiter.hit(limits.parse("5/minute"), "somebody")


def test_only_the_guard_builds_a_limiter_and_only_on_this_storage() -> None:
    assert _modules("slowapi") == {"quotas/guard.py"}
    assert _modules("limits") == {"quotas/guard.py", "quotas/edge/storage.py"}
    tree = ast.parse((ROOT / "quotas" / "guard.py").read_text(encoding="utf-8"))
    given = [
        ast.unparse(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "storage_uri"
    ]
    assert given == ["storage.URI"]
    assert storage.URI == "gsb-lease://"


def test_the_storage_imports_nothing_that_talks_to_anybody() -> None:
    tree = ast.parse((ROOT / "quotas" / "edge" / "storage.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"typing", "limits.storage", "publicgsb.quotas.edge.leases"}


def test_the_limiter_of_a_server_holds_no_address_of_redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.redis_url is not None
    assert settings.database_url is not None
    url = settings.redis_url.get_secret_value()
    for name in ("RATELIMIT_STORAGE_URL", "RATELIMIT_STORAGE_URI"):
        monkeypatch.setenv(name, url)
    on = ground(settings, settings.database_url.get_secret_value(), url)
    limiter = callers(settings, load_secrets(settings), on).guard._limiter
    assert type(limiter._storage) is LeaseStorage
    assert limiter._fallback_limiter is None
    assert not any("redis" in str(value) or "unix:" in str(value) for value in vars(limiter).values())
