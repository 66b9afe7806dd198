"""What generated modules stand on: a dataset that knows which contract its types were made from.

At run time a typed dataset is a Dataset like any other; each generated module says to type checkers what its columns,
orders and conditions are called. Before the first row is asked for, the contract of the service is held against theirs.
"""

import inspect
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from publicgsb_sdk.contract import Contract
from publicgsb_sdk.dataset import Dataset
from publicgsb_sdk.errors import SchemaDrift, SchemaDriftWarning

if TYPE_CHECKING:
    from typing import Self

RowT = TypeVar("RowT")
Group: TypeAlias = Mapping[str, Any]


class Source(Protocol):
    """A client."""

    def dataset(self, name: str, /) -> Dataset: ...


@dataclass(slots=True, eq=False)
class Expected:
    """The contract that the types were made from."""

    version: str
    sha256: str
    fields: Mapping[str, str]
    is_strict: bool
    is_warned: bool = False  # by it or by a query built upon it

    def check(self, contract: Contract) -> None:
        """Nothing where it is the same; else raises SchemaDrift, or warns once."""
        if contract.sha256 == self.sha256:
            return
        told = (
            f"The types of {contract.id} were made from contract {self.version}, and the service has {contract.version}"
        )
        message = f"{told}: {'; '.join(differences(self.fields, contract)) or 'its fields are the same'}."
        if self.is_strict:
            raise SchemaDrift(message, hint="Generate them anew, and let a type checker read your program.")
        if not self.is_warned:
            self.is_warned = True
            warnings.warn(message, SchemaDriftWarning, stacklevel=_levels())


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
        def release(self, seq: int) -> Self: ...
        def rows(self) -> Iterator[RowT]: ...  # type: ignore[override]
        def first(self) -> RowT | None: ...  # type: ignore[override]


def typed(
    client: Source, name: str, version: str, sha256: str, shape: Mapping[str, str], *, strict: bool
) -> TypedDataset[Any]:
    """`agency.dataset`, held to the contract of that hash whenever it is read."""
    plain = client.dataset(name)
    parts = {part.name: getattr(plain, part.name) for part in fields(plain)}
    return TypedDataset(**parts, _expected=Expected(version, sha256, shape, strict))


def differences(shape: Mapping[str, str], contract: Contract) -> Iterator[str]:
    """What another contract means for the columns, one by one."""
    now = {one.name: f"{one.type}{'!' * one.is_required}" for one in contract.fields if one.access != "withheld"}
    for name in sorted(shape.keys() - now.keys()):
        yield f"{name} is gone"
    for name in sorted(now.keys() - shape.keys()):
        yield f"{name} is new"
    for name, was in shape.items():
        if name in now and now[name] != was:
            yield f"{name} is {_spoken(now[name])} and was {_spoken(was)}"


def _levels() -> int:
    """How far above the line that warns is the program that asked."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("publicgsb_sdk."):
        level, frame = level + 1, frame.f_back
    return level - 1


def _spoken(kind: str) -> str:
    return kind.removesuffix("!") if kind.endswith("!") else f"{kind} or nothing"
