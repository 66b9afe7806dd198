"""The signing keys as one process knows them: which one signs now, and whose signature counts. Never a question to
anybody while a request waits: an unknown name of a key is unknown.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from publicgsb.apikeys.signing.model import LEEWAY_SECONDS, SigningKey, SigningState, published
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.pulse import Event, Pulse

RELOAD_SECONDS = 1.0

log = logging.getLogger(__name__)


class Signer(NamedTuple):
    kid: str
    private: Ed25519PrivateKey


class _Held(NamedTuple):
    """A key with its moments as seconds since 1970, which are compared on every use."""

    key: SigningKey
    public: Ed25519PublicKey
    private: Ed25519PrivateKey | None
    active_from: float
    active_until: float
    retired_from: float


class SigningRing:
    """Build it before the pulse starts, `start()` it after: then no change is missed."""

    def __init__(
        self, keys: SigningKeys, pulse: Pulse, sealer: Sealer, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self._sealer = sealer
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._distrusted: list[Callable[[], None]] = []
        self._reloading: asyncio.Task[None] | None = None
        self._loads = asyncio.Lock()
        self._losses = self._losses_read = 0  # of contact: how many there were, and before which the keys were read
        self._pulse = pulse
        pulse.on("signing", self._changed)
        pulse.on_contact_lost(self._reload)

    def on_distrust(self, forget: Callable[[], None]) -> None:
        """Hear that what some key signed counts no more, before its time."""
        self._distrusted.append(forget)

    async def start(self) -> None:
        """Make the first key of an installation, and know all."""
        await self._keys.ensure()
        await self.load()

    async def caught_up(self) -> bool:
        """Reads the keys again, unless this process is sure to know of every change: then it is False. Raises
        Unavailable, TimedOut.
        """
        if self._losses_read == self._losses and self._pulse.is_fresh:
            return False
        await self.load()
        return True

    async def load(self) -> None:
        """Read all keys. One load after another: one that read earlier must not put back what an event has ended."""
        async with self._loads:
            await self._load()

    async def _load(self) -> None:
        losses = self._losses
        held = {key.kid: self._hold(key) for key in await self._keys.keys()}
        self._losses_read = losses
        now = self._clock()
        is_distrust = any(
            before.retired_from > now and (kid not in held or held[kid].retired_from <= now)
            for kid, before in self._held.items()
        )
        self._held = held
        if is_distrust:
            for forget in self._distrusted:
                forget()

    def signer(self) -> Signer:
        """The key that signs now. Raises Unavailable when there is none that this process can open.

        Where the first key, or the one after a leak, begins in the future of a clock that is behind, it has begun.
        """
        now = self._clock()
        open_to_us = [held for held in self._held.values() if held.private is not None and now < held.active_until]
        for latest in (now, now + LEEWAY_SECONDS):
            begun = [held for held in open_to_us if held.active_from <= latest]
            if begun:
                held = max(begun, key=lambda one: one.active_from)
                assert held.private is not None
                return Signer(held.key.kid, held.private)
        raise Unavailable(
            "There is no signing key that this worker can use.",
            reason="signing_key",
            hint="Was GSB_PEPPER changed? gsb signing rotate --distrust makes a new key.",
            retry_after_seconds=60,
        )

    def public(self, kid: str) -> Ed25519PublicKey | None:
        """The key of that name, unless it is unknown or retired."""
        held = self._held.get(kid)
        return None if held is None or held.retired_from <= self._clock() else held.public

    def published(self) -> tuple[SigningKey, ...]:
        """What the key set shows, newest first."""
        return published((held.key for held in self._held.values()), datetime.fromtimestamp(self._clock(), UTC))

    def _hold(self, key: SigningKey) -> _Held:
        raw = self._sealer.open(key.kid, key.sealed_key) if key.sealed_key is not None else None
        state = key.state(datetime.fromtimestamp(self._clock(), UTC))
        if raw is None and state in (SigningState.NEXT, SigningState.ACTIVE):
            log.warning("the signing key %s was sealed under another pepper", key.kid)
        return _Held(
            key,
            Ed25519PublicKey.from_public_bytes(key.public_key),
            None if raw is None else Ed25519PrivateKey.from_private_bytes(raw),
            key.active_from.timestamp(),
            _seconds(key.active_until),
            _seconds(key.retired_from) if key.sealed_key is not None else float("-inf"),
        )

    async def _changed(self, _: Event) -> None:
        await self.load()

    def _reload(self) -> None:
        """Events may have been pruned while this process was away."""
        self._losses += 1
        if self._reloading is not None:
            self._reloading.cancel()
        self._reloading = asyncio.get_running_loop().create_task(self._load_at_last(), name="signing keys")

    async def _load_at_last(self) -> None:
        while True:
            try:
                await self.load()
            except (Unavailable, TimedOut) as away:
                log.warning("the signing keys are not read again yet: %s", away.code)
            except Exception:
                log.exception("reading the signing keys again failed; trying again")
            else:
                return
            await asyncio.sleep(RELOAD_SECONDS)


def _seconds(at: datetime | None) -> float:
    return float("inf") if at is None else at.timestamp()
