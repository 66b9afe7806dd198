"""The storage that slowapi is given: `gsb-lease://`, which decides from memory and touches neither file nor socket.

slowapi and limits are synchronous: a storage that talks to Redis would stop the event loop for as long as Redis does.
"""

from typing import Any

from limits.storage import Storage

from publicgsb.quotas.edge.leases import Leases

SCHEME = "gsb-lease"
URI = f"{SCHEME}://"

_REFUSED = 2**53  # above every limit


class LeaseStorage(Storage):
    """Registered for the scheme by being defined. `leases` comes as a storage option."""

    STORAGE_SCHEME: list[str] | None = [SCHEME]  # noqa: RUF012 as the base class declares it

    def __init__(self, uri: str | None = None, *, leases: Leases, **options: Any) -> None:
        super().__init__(uri, **options)
        self._leases = leases

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Of use for comparing with the limit only: within it when the lease has `amount` units, else above."""
        return amount if self._leases.spend(key, amount) else _REFUSED

    def get(self, key: str) -> int:
        raise NotImplementedError("How much all workers have admitted is not in memory.")

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError("Ask Leases.seconds_left.")

    def check(self) -> bool:
        """It never fails: what it stands on is this process."""
        return True

    def reset(self) -> int | None:
        self._leases.forget()
        return None

    def clear(self, key: str) -> None:
        raise NotImplementedError("An address is not pardoned by one worker alone.")
