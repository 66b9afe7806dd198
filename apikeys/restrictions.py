"""What a key may be held to: some datasets, some access levels, some networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publicgsb.platform.kernel.addresses import Networks, client_address
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import NotPermitted

LEVELS = ("open", "registered", "restricted")
DATASETS_MAX = 100
NETWORKS_MAX = 32


@dataclass(frozen=True, slots=True)
class Restrictions:
    """None: not restricted in this way. Datasets are written agency/dataset."""

    datasets: frozenset[str] | None = None
    levels: frozenset[str] | None = None
    networks: Networks | None = None

    def told(self) -> dict[str, str]:
        """What there is, as text for the audit."""
        given = {
            "datasets": self.datasets,
            "levels": self.levels,
            "addresses": None if self.networks is None else map(str, self.networks.networks),
        }
        return {name: " ".join(sorted(values)) for name, values in given.items() if values is not None}


UNRESTRICTED = Restrictions()


def refuse_elsewhere(caller: Caller, scope: Mapping[str, Any], trusted_proxies: int) -> None:
    """Raises NotPermitted (`address`) for a request from outside the networks of its key.

    `scope` is the request's; ask only when `caller.networks` is there. Which networks those are is told to the key's
    owner and not to whoever uses it elsewhere.
    """
    if caller.networks is None or caller.networks.holds(client_address(scope, trusted_proxies)):
        return
    raise NotPermitted(
        f"{caller.this} is not used from this address.",
        reason="address",
        hint="Its owner sees from where it is used in GET /api/v1/keys, as `addresses`.",
    )
