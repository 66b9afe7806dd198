"""The use cases of signing keys, one transaction each: make the first, rotate, distrust, erase."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from publicgsb.apikeys.model import Actor, Spread
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.signing import store
from publicgsb.apikeys.signing.model import PUBLISHED_BEFORE, RETIRED_AFTER, SigningKey, SigningState, kid_of
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.spread import spread_of
from publicgsb.apikeys.store import audit
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.kernel.pulse import announce

SYSTEM = Actor("system", None)


@dataclass(frozen=True, slots=True)
class Rotation:
    new: SigningKey
    spread: Spread


class SigningKeys:
    """Each change is announced in its own transaction, so that every worker follows within moments."""

    def __init__(self, connections: Connections, sealer: Sealer, *, now: Callable[[], datetime] = utc_now) -> None:
        self._connections = connections
        self._sealer = sealer
        self._now = now

    async def keys(self) -> tuple[SigningKey, ...]:
        """All keys that ever were, newest first."""
        async with self._connections.use() as connection:
            return await store.keys(connection)

    async def ensure(self) -> None:
        """The first key, active at once because nobody can hold a key set without it; of many workers one makes it."""
        if _last(await self.keys()) is not None:
            return
        async with self._connections.transaction() as connection:
            await store.lock(connection)
            if _last(await store.keys(connection)) is None:
                now = self._now()
                await self._add(connection, now, now, SYSTEM, "the first")

    async def rotate(self, actor: Actor) -> Rotation:
        """A next key, which takes over once it was published for PUBLISHED_BEFORE. Conflict while another waits."""
        await self.ensure()
        now = self._now()
        async with self._connections.transaction() as connection:
            await store.lock(connection)
            await store.erase(connection, now)
            last = _last(await store.keys(connection))
            if last is not None and last.state(now) is SigningState.NEXT:
                raise Conflict(
                    f"The next signing key takes over at {last.active_from:%Y-%m-%d %H:%M:%S} UTC.",
                    reason="signing_next",
                    hint="Wait for it. If a key has leaked: gsb signing rotate --distrust.",
                )
            takes_over = now + PUBLISHED_BEFORE
            await store.succeed(connection, takes_over, takes_over + RETIRED_AFTER)
            new, seq = await self._add(connection, now, takes_over, actor, "a rotation")
        return Rotation(new, await spread_of(self._connections, seq))

    async def distrust(self, actor: Actor) -> Rotation:
        """A new key at once and nothing believed that an earlier one signed: for a private key that has leaked.

        Every token out there is refused once this returns with `spread.is_everywhere`.
        """
        now = self._now()
        async with self._connections.transaction() as connection:
            await store.lock(connection)
            for kid in await store.distrust(connection, now):
                after = {"state": SigningState.RETIRED.value}
                await audit(
                    connection, actor, "signing_key.distrust", f"signing_key:{kid}", after=after, reason="distrusted"
                )
            new, seq = await self._add(connection, now, now, actor, "those before are distrusted")
        return Rotation(new, await spread_of(self._connections, seq))

    async def _add(
        self, connection: Connection, now: datetime, active_from: datetime, actor: Actor, reason: str
    ) -> tuple[SigningKey, int]:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        kid = kid_of(public)
        sealed = self._sealer.seal(kid, private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        new = SigningKey(kid, public, sealed, now, active_from, None, None)
        await store.insert(connection, new)
        after = {"active_from": active_from.isoformat()}
        await audit(connection, actor, "signing_key.create", f"signing_key:{kid}", after=after, reason=reason)
        return new, await announce(connection, "signing", {"kid": kid})


async def erase_retired(connections: Connections) -> None:
    """The jobs process calls it now and then."""
    async with connections.transaction() as connection:
        for kid in await store.erase(connection, utc_now()):
            before, after = {"private_half": "sealed"}, {"private_half": None}
            subject = f"signing_key:{kid}"
            await audit(connection, SYSTEM, "signing_key.erase", subject, before=before, after=after, reason="retired")


def _last(keys: tuple[SigningKey, ...]) -> SigningKey | None:
    """The one that nothing is to follow yet."""
    return next((key for key in keys if key.active_until is None), None)
