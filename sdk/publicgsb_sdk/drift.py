"""Whether the service still has the contract that generated types were made from."""

import inspect
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publicgsb_sdk.contract import Contract
from publicgsb_sdk.errors import SchemaDrift, SchemaDriftWarning


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
