"""The privacy gate: sees every value that a column would release and decides per column, on distinct values.

There is no switch to publish in spite of it. What it cannot see: what is encoded or encrypted.
"""

from collections.abc import Sequence
from typing import Protocol

from publicgsb.datasets.contracts.model import Field, FieldType
from publicgsb.datasets.privacy.addresses import AddressGate
from publicgsb.datasets.privacy.judging import judge, worst
from publicgsb.datasets.privacy.model import Finding, Form
from publicgsb.datasets.privacy.numbers import NumberGate
from publicgsb.datasets.privacy.pack import Pack, load_pack
from publicgsb.datasets.privacy.persons import BirthGate, NameGate, is_of_births
from publicgsb.datasets.privacy.tally import Tally

_OF_DIGITS = frozenset({FieldType.STRING, FieldType.INTEGER, FieldType.BIGINT, FieldType.NUMBER, FieldType.DECIMAL})


class _Gate(Protocol):
    """One way to look at a column."""

    tallies: dict[Form, Tally]
    in_text: set[Form]

    def observe(self, values: Sequence[str], /) -> None: ...


def is_gated(field: Field) -> bool:
    """Booleans and years were parsed strictly, and so were dates: of them only days of birth are personal."""
    return field.type in _OF_DIGITS or is_of_births(field, load_pack())


class ColumnGate:
    """Sees the values of one column, in any order, repeated or not, then judges."""

    def __init__(self, field: Field, *, is_workplace: bool = False, pack: Pack | None = None) -> None:
        self._field = field
        self._is_workplace = is_workplace
        self._pack = pack or load_pack()
        self._values = 0
        self._gates = tuple(_gates(field, self._pack))

    def observe(self, values: Sequence[str]) -> None:
        """Look at a batch at once."""
        self._values += len(values)
        for gate in self._gates:
            gate.observe(values)

    def findings(self) -> tuple[Finding, ...]:
        """One per kind of which the column has a form; the worse one if it has several forms."""
        return worst(
            [
                judge(
                    self._field,
                    form,
                    tally,
                    self._pack,
                    is_in_text=form in gate.in_text,
                    is_workplace=self._is_workplace,
                    values=self._values,
                )
                for gate in self._gates
                for form, tally in gate.tallies.items()
                if tally.distinct
            ],
            self._pack,
        )


def _gates(field: Field, pack: Pack) -> list[_Gate]:
    gates: list[_Gate] = []
    if field.type in _OF_DIGITS:
        gates.append(NumberGate(field, pack))
    if field.type is FieldType.STRING:
        gates += [AddressGate(field, pack), NameGate(field, pack)]
    if is_of_births(field, pack):
        gates.append(BirthGate())
    return gates
