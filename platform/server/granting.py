"""What of the registry can be applied for, as the grants of apikeys ask it."""

from collections.abc import Callable

from publicgsb.apikeys.grants.applying import Closed, FindClosed
from publicgsb.datasets.contracts.decisions import withheld
from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.registry import DatasetState, Registry
from publicgsb.platform.kernel.errors import DatasetWithdrawn, NotFound


def closed_in(registry: Callable[[], Registry]) -> FindClosed:
    """Finds what needs a grant in the registry of the moment; fields go by both their names."""

    def find(name: str) -> Closed:
        agency, slash, dataset = name.partition("/")
        if not slash:
            raise NotFound(f"There is no dataset {name}.", hint="A dataset is named agency/dataset.")
        entry = registry().dataset(agency, dataset)
        contract = entry.contract
        if entry.state is DatasetState.WITHDRAWN:
            raise DatasetWithdrawn(f"{entry.name} was withdrawn.")
        if contract.access is AccessLevel.WITHHELD:
            raise withheld(entry.name, contract)
        restricted = [one for one in contract.fields if contract.access_of(one) is AccessLevel.RESTRICTED]
        names = {name: one.name for one in restricted for name in (one.name, one.api_name)}
        key = frozenset(one.name for one in restricted).intersection(contract.primary_key)
        return Closed(entry.id, contract.access is AccessLevel.RESTRICTED, names, key)

    return find
