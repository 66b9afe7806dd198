# Written from asynchronous/typed.py by `make sdk`; change that one.
"""What generated modules stand on: a dataset that knows which contract its types were made from.

At run time a typed dataset is a dataset like any other; each generated module says to type checkers what its columns,
orders and conditions are called. Before the first row is asked for, the contract of the service is held against theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Generic, TypeVar

from publicgsb_sdk.contract import Contract
from publicgsb_sdk.dataset import Dataset
from publicgsb_sdk.drift import Expected

if TYPE_CHECKING:
    from typing import Self

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class TypedDataset(Dataset, Generic[RowT]):
    """A query on one dataset whose rows are of a known type."""

    _expected: Expected | None = field(default=None, compare=False, kw_only=True)

    @property
    def contract(self) -> Contract:
        """The contract of the service; raises SchemaDrift where it is another one and the types are strict."""
        return self._checked(self._session.contract(self.id))

    def _readable(self) -> Contract:
        return self._checked(Dataset._readable(self))

    def _checked(self, contract: Contract) -> Contract:
        if self._expected is not None:
            self._expected.check(contract)
        return contract

    if TYPE_CHECKING:  # where, select and order_by are said by each generated module

        def limit(self, rows: int) -> Self: ...
        def release(self, seq: int | date) -> Self: ...
        def search(self, text: str) -> Self: ...
        def near(self, lat: float, lon: float, *, within_km: float) -> Self: ...
        def rows(self, *, after: str | None = None) -> Iterator[RowT]: ...  # type: ignore[override]
        def first(self) -> RowT | None: ...  # type: ignore[override]
