"""Our endpoint with nobody to know, nothing to count and nothing to write down: what keys, quotas and metering cost.

It exists for the bench only: the application is composed as always, and then these three parts of its endpoint are
taken out. Planning, access, price, SQL and answer are the product's own.
"""

import math
import sys
from dataclasses import replace
from typing import Any, cast

from starlette.applications import Starlette

from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import KeyRecord, KeyState, OrganisationState
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.server.app import build
from publicgsb.platform.server.cli.serving import serve_http
from publicgsb.platform.server.settings import Settings, load_settings
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.purse import Purses
from publicgsb.schema.serving.endpoint import GraphQLEndpoint

SOMEBODY = Caller("00000000", KeyKind.LIVE, 1, 1, "open")
ANY = KeyRecord(SOMEBODY, b"", KeyState.ACTIVE, None, None, OrganisationState.ACTIVE, math.inf)


class _AnyKey:
    """Every request comes from the same caller; its credential is not looked at."""

    def cached(self, _: str) -> Caller:
        return SOMEBODY

    def proved(self, _: str) -> KeyRecord:
        return ANY

    def may_use(self, _: KeyRecord) -> bool:
        return True


class _Taken:
    """Nothing was taken, so nothing is given back."""

    def settle(self, _: int) -> None:
        pass

    def refund(self) -> None:
        pass


class _Unspent:
    """Nobody has a budget."""

    us = 0

    def add(self, _: int) -> None:
        pass


class _NoLimits:
    """Every price may be paid."""

    _taken = _Taken()
    _unspent = _Unspent()

    def try_take(self, *_: Any, **__: Any) -> _Taken:
        return self._taken

    def spending(self, *_: Any) -> _Unspent:
        return self._unspent

    def remaining(self, *_: Any) -> int:
        return 0

    def headers(self, *_: Any) -> list[tuple[bytes, bytes]]:
        return []


class _NoFacts:
    def record_answer(self, *_: Any, **__: Any) -> None:
        pass


def without_metering(app: Starlette) -> Starlette:
    """The same application; its data endpoint knows no keys, quotas and facts any more."""
    endpoint = data_endpoint(app)
    unmetered = replace(
        endpoint._parts,
        keys=cast(KeyRing, _AnyKey()),
        purses=cast(Purses, _NoLimits()),
        facts=cast(Facts, _NoFacts()),
    )
    GraphQLEndpoint.__init__(endpoint, unmetered)  # in its place: the routes and the server hold this very instance
    return app


def data_endpoint(app: Starlette) -> GraphQLEndpoint:
    """The one instance that answers /graphql."""
    return next(route.endpoint for route in app.routes if isinstance(route.endpoint, GraphQLEndpoint))  # type: ignore[attr-defined]


def create() -> Starlette:
    return without_metering(_build(load_settings()))


def _build(settings: Settings) -> Starlette:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    return build(settings, settings.database_url.get_secret_value(), settings.redis_url.get_secret_value())


def main() -> None:
    serve_http(load_settings(port=int(sys.argv[1])), "benchmarks.unmetered:create")


if __name__ == "__main__":
    main()
