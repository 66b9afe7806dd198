"""What the tests of apikeys stand on: the service on a real database, and workers with a pulse of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse

PEPPER = b"a pepper of thirty-two bytes ..."


@dataclass(frozen=True, slots=True)
class Worker:
    """One API process as far as keys go."""

    pulse: Pulse
    keyring: KeyRing


StartWorker: TypeAlias = Callable[..., Awaitable[Worker]]


@pytest.fixture(scope="session")
def signing_key_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def tokens(signing_key_pem: bytes) -> OwnerTokens:
    return OwnerTokens(signing_key_pem)


@pytest.fixture
def keys(connections: Connections, tokens: OwnerTokens) -> ApiKeys:
    return ApiKeys(connections, tokens, PEPPER)


@pytest.fixture
def organisations(connections: Connections) -> Organisations:
    return Organisations(connections)


@pytest.fixture
def people(connections: Connections, keys: ApiKeys, tokens: OwnerTokens) -> People:
    return People(connections, keys, tokens, PEPPER, "https://gsb.test")


@pytest.fixture
async def start_worker(connections: Connections) -> AsyncIterator[StartWorker]:
    async with AsyncExitStack() as stack:

        async def start(reader: Connections = connections, **options: Any) -> Worker:
            pulse = Pulse(connections, "api")
            keyring = KeyRing(reader, pulse, PEPPER, **options)
            await pulse.start()
            stack.push_async_callback(pulse.stop)
            return Worker(pulse, keyring)

        yield start


@pytest.fixture
async def worker(start_worker: StartWorker) -> Worker:
    return await start_worker()


@pytest.fixture
async def agency_id(connections: Connections) -> int:
    async with connections.use() as connection:
        made: int = await connection.fetchval(
            "insert into gsb.agency (slug, name_fa, name_en) values ('aviation', 'هواپیمایی', 'Aviation') returning id"
        )
    return made
