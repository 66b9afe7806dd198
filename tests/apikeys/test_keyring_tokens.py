"""A data token and the key it stands on: what ends, narrows or changes the key does so to its tokens at once."""

import base64
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from publicgsb.apikeys.data_tokens import TOKENS_MAX, DataTokens
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import OPERATOR, Registered
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.signing.model import LEEWAY_SECONDS, TOKEN_SECONDS
from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, Unauthenticated
from publicgsb.platform.kernel.pulse import Pulse

from .conftest import PEPPER
from .test_data_tokens import claims, part


class Real:
    """A key ring with tokens, on a database, with clocks that a test moves."""

    def __init__(self, connections: Connections) -> None:
        self.pulse = Pulse(connections, "api")
        sealer = Sealer(PEPPER)
        self.signing = SigningKeys(connections, sealer)
        self.ring = SigningRing(self.signing, self.pulse, sealer)
        self.late = 0.0
        self.tokens = DataTokens(self.ring, clock=self.clock, tokens_max=50)
        self.keyring = KeyRing(connections, self.pulse, PEPPER, tokens=self.tokens, clock=self.clock)
        self.ring.on_distrust(self.keyring.forget_all)

    def clock(self) -> float:
        return time.time() + self.late


@pytest.fixture
async def real(connections: Connections) -> AsyncIterator[Real]:
    real = Real(connections)
    await real.pulse.start()
    await real.ring.start()
    yield real
    await real.pulse.stop()


@pytest.fixture
async def registered(keys: ApiKeys) -> Registered:
    return await keys.register("A startup", "a@example.org", "Trying it")


async def token_of(real: Real, registered: Registered, only: frozenset[str] | None = None) -> str:
    caller = await real.keyring.authenticate(registered.key.secret)
    return real.tokens.issue(caller, only).text


async def test_the_caller_of_a_token_is_the_keys_own_narrowed(real: Real, registered: Registered) -> None:
    caller = await real.keyring.authenticate(registered.key.secret)
    assert await real.keyring.authenticate(await token_of(real, registered)) == caller
    narrow = await real.keyring.authenticate(await token_of(real, registered, frozenset({"a/b"})))
    assert (narrow.only, narrow.account, narrow.plan) == (frozenset({"a/b"}), caller.account, caller.plan)


async def test_a_verified_token_is_remembered_until_it_expires(real: Real, registered: Registered) -> None:
    token = await token_of(real, registered)
    assert real.keyring.cached(token) is None
    caller = await real.keyring.authenticate(token)
    assert real.keyring.cached(token) is caller
    real.late = TOKEN_SECONDS + LEEWAY_SECONDS - 2
    assert real.keyring.cached(token) is caller
    real.late = TOKEN_SECONDS + LEEWAY_SECONDS + 1
    assert real.keyring.cached(token) is None
    with pytest.raises(Unauthenticated) as refused:
        await real.keyring.authenticate(token)
    assert refused.value.details["reason"] == "expired"


async def test_a_revoked_key_takes_its_remembered_tokens_with_it(
    real: Real, registered: Registered, keys: ApiKeys
) -> None:
    token = await token_of(real, registered)
    await real.keyring.authenticate(token)
    record = real.keyring.proved(token)
    assert record is not None
    revoked = await keys.revoke_key(registered.key.key.id, "leaked", OPERATOR)
    assert revoked.spread.is_everywhere
    assert real.keyring.cached(token) is None
    assert not real.keyring.may_use(record)
    with pytest.raises(Unauthenticated, match=r"^The key of this token was revoked\.") as refused:
        await real.keyring.authenticate(token)
    assert refused.value.details["reason"] == "revoked"


async def test_a_key_that_expires_before_its_token_ends_it(real: Real, registered: Registered) -> None:
    real.late = 365 * 86_400 - 300.0  # the key's last five minutes
    token = await token_of(real, registered)
    assert await real.keyring.authenticate(token)
    assert real.keyring.cached(token) is not None
    real.late += 301
    assert real.keyring.cached(token) is None
    with pytest.raises(Unauthenticated, match="expired"):
        await real.keyring.authenticate(token)


async def test_a_key_that_changed_is_looked_at_anew_under_the_same_token(
    real: Real, registered: Registered, keys: ApiKeys, organisations: Organisations
) -> None:
    token = await token_of(real, registered)
    assert (await real.keyring.authenticate(token)).plan == "open"
    await organisations.approve(registered.organisation.id, OPERATOR)
    assert real.keyring.cached(token) is None
    assert (await real.keyring.authenticate(token)).plan == "approved"


async def test_a_worker_without_contact_trusts_no_remembered_token(
    real: Real, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(real, registered)
    await real.keyring.authenticate(token)
    monkeypatch.setattr(real.pulse, "is_fenced", True)
    assert real.keyring.cached(token) is None
    assert (await real.keyring.authenticate(token)).plan == "open"


async def test_a_distrusted_signing_key_ends_every_token_and_no_key(real: Real, registered: Registered) -> None:
    token = await token_of(real, registered)
    await real.keyring.authenticate(token)
    record = real.keyring.proved(token)
    assert record is not None
    assert (await real.signing.distrust(OPERATOR)).spread.is_everywhere
    assert (real.keyring.cached(token), real.keyring.may_use(record)) == (None, False)
    with pytest.raises(Unauthenticated) as refused:
        await real.keyring.authenticate(token)
    assert refused.value.details["reason"] == "unknown"
    assert await real.keyring.authenticate(registered.key.secret)
    assert await real.keyring.authenticate(await token_of(real, registered))


async def test_a_worker_that_did_not_hear_of_a_distrust_believes_no_token_of_before(
    real: Real, registered: Registered, connections: Connections
) -> None:
    """It is without contact, so nobody waits for it: it asks which signing keys count, as it asks for the key."""
    token, deaf = await token_of(real, registered), Real(connections)
    await deaf.ring.start()  # its pulse never does
    assert (await deaf.keyring.authenticate(token)).plan == "open"
    await real.signing.distrust(OPERATOR)
    with pytest.raises(Unauthenticated) as refused:
        await deaf.keyring.authenticate(token)
    assert refused.value.details["reason"] == "unknown"


async def test_tokens_outlive_a_planned_rotation(real: Real, registered: Registered) -> None:
    token = await token_of(real, registered)
    await real.signing.rotate(OPERATOR)
    assert (await real.keyring.authenticate(token)).plan == "open"


async def test_no_more_tokens_are_remembered_than_there_is_room_for_and_the_unused_go(
    real: Real, registered: Registered
) -> None:
    first = await token_of(real, registered)
    await real.keyring.authenticate(first)
    for _ in range(60):
        await real.keyring.authenticate(await token_of(real, registered))
        assert real.keyring.cached(first) is not None
    assert len(real.tokens._remembered) == 50
    assert TOKENS_MAX == 10_000


async def test_ten_thousand_unknown_kids_ask_nobody_and_leave_nothing(
    real: Real, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the network nor the database, nor memory: each name is looked for in one table of this process."""
    await real.keyring.authenticate(registered.key.secret)
    private = Ed25519PrivateKey.generate()
    body = f"{part(claims())}.{base64.urlsafe_b64encode(private.sign(b'x')).rstrip(b'=').decode()}"

    def closed(*_: object, **__: object) -> Callable[..., Any]:
        raise AssertionError("something was asked")

    for where, what in ((socket, "getaddrinfo"), (socket.socket, "connect"), (Connections, "use")):
        monkeypatch.setattr(where, what, closed)
    before = sys.getallocatedblocks()
    for number in range(10_000):
        head = part({"alg": "EdDSA", "typ": "JWT", "kid": f"k{number:015d}"})
        with pytest.raises(GsbError) as refused:
            await real.keyring.authenticate(f"{head}.{body}")
        assert (refused.value.http_status, refused.value.details["reason"]) == (401, "unknown")
    assert sys.getallocatedblocks() - before < 5_000
    assert len(real.tokens._remembered) == len(real.keyring._unknown) == 0
