"""Valid identifiers made from a seed, and columns of codes as real files hold them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from publicgsb.datasets.contracts.model import Field, FieldType, Label
from publicgsb.datasets.privacy.gate import ColumnGate
from publicgsb.datasets.privacy.model import Finding


@dataclass
class People:
    """Identifiers that satisfy their published rules; computed here apart from the detectors under test."""

    random: Random = field(default_factory=lambda: Random(1405))

    def digits(self, count: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def national_id(self, first: str = "") -> str:
        body = first + self.digits(8 - len(first)) + self.random.choice("123456789")
        rest = sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
        return body + str(rest if rest < 2 else 11 - rest)

    def mobile(self) -> str:
        return self.random.choice(["0912", "0935", "0901", "0921", "0990"]) + self.digits(7)

    def card(self) -> str:
        body = self.random.choice(["603799", "610433", "627353", "502229"]) + self.digits(9)
        doubled = [2 * int(d) - 9 * (int(d) > 4) if at % 2 == 0 else int(d) for at, d in enumerate(body)]
        return body + str(-sum(doubled) % 10)

    def sheba(self) -> str:
        account = self.random.choice(["017", "012", "056"]) + self.digits(19)
        return f"IR{98 - int(account + '182700') % 97:02d}{account}"


@pytest.fixture
def people() -> People:
    return People()


Judge = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def judge() -> Judge:
    """judge(values, name=…, type_=…): what the gate finds in a column of these values."""

    def judge_column(
        values: Sequence[str], name: str = "value", type_: FieldType = FieldType.STRING
    ) -> tuple[Finding, ...]:
        gate = ColumnGate(Field(name, name, type_, Label(name, name)))
        for start in range(0, len(values), 4_096):
            gate.observe(values[start : start + 4_096])
        return gate.findings()

    return judge_column


@pytest.fixture
def blocked(judge: Judge) -> Callable[..., set[str]]:
    """The kinds for which such a column is blocked."""
    return lambda values, **more: {str(f.kind) for f in judge(values, **more) if f.is_blocking}
