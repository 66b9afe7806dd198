"""What an argument compares with: conditions, keys and words, drawn from the rows so that they hit."""

from typing import Any

from publicgsb.datasets.contracts.model import Field as Column
from publicgsb.datasets.contracts.model import FilterOp
from tests.schema.oracle.doors import Doors
from tests.schema.oracle.facts import DatasetKey
from tests.schema.oracle.pen import Pen
from tests.schema.oracle.values import Values, external


class Conditions:
    def __init__(self, pen: Pen, values: Values, doors: Doors) -> None:
        self._pen = pen
        self._values = values
        self._doors = doors

    def by(self, key: DatasetKey) -> dict[str, Any]:
        contract = self._values.registry.datasets[key].contract
        open_ = [one for one in contract.unique_keys if self._doors.lets(key, *one.fields)]
        chosen = self._pen.dice.choice(open_ or contract.unique_keys)
        row = self._values.row(self._pen.dice, key)
        members = {}
        for column in map(contract.field, chosen.fields):
            value = row.get(column.name)
            is_lost = value is None or self._pen.chance(0.1)
            members[column.api_name] = self._values.draw(self._pen.dice, key, column) if is_lost else external(value)
        return {chosen.name: next(iter(members.values())) if len(members) == 1 else members}

    def where(self, key: DatasetKey, depth: int) -> dict[str, Any]:
        contract = self._values.registry.datasets[key].contract
        filtered = [column for column in contract.fields if column.filters and self._doors.lets(key, column.name)]
        where: dict[str, Any] = {}
        for column in self._pen.dice.sample(filtered, min(len(filtered), self._pen.dice.choice((1, 1, 1, 2, 3)))):
            where[column.api_name] = self._conditions(key, column)
        if depth and self._pen.chance(0.35):
            for word in self._pen.dice.sample(("and", "or", "not"), self._pen.dice.choice((1, 1, 2))):
                if word == "not":
                    where["not"] = self.where(key, depth - 1)
                else:
                    where[word] = [self.where(key, depth - 1) for _ in range(self._pen.dice.choice((1, 2, 2, 3)))]
            if self._pen.chance(0.5):
                where = {name: inner for name, inner in where.items() if name in ("and", "or", "not")}
        return {} if self._pen.chance(0.005) else where

    def _conditions(self, key: DatasetKey, column: Column) -> dict[str, Any]:
        ops = sorted(column.filters)
        chosen = self._pen.dice.sample(ops, min(len(ops), self._pen.dice.choice((1, 1, 1, 2))))
        return {op.value: self._operand(key, column, op) for op in chosen}

    def _operand(self, key: DatasetKey, column: Column, op: FilterOp) -> Any:
        if self._pen.chance(0.005):
            return None
        if op is FilterOp.IS_NULL:
            return self._pen.chance(0.5)
        if op is FilterOp.IN:
            return [self._values.draw(self._pen.dice, key, column) for _ in range(self._pen.dice.choice((1, 2, 3, 3)))]
        value: Any = self._values.draw(self._pen.dice, key, column)
        if op is FilterOp.CONTAINS:
            part = value[self._pen.dice.choice((0, 0, 1)) :][:3] if len(value) > 3 else value + "ه" * (len(value) < 2)
            return self._respelt(part)
        return value[: self._pen.dice.choice((1, 1, 2, 3))] if op is FilterOp.STARTS_WITH else value

    def words(self, key: DatasetKey) -> str:
        """Words of the rows, as somebody types them: some of them, cut off, with a slip, in another spelling."""
        contract = self._values.registry.datasets[key].contract
        columns = [column for column in contract.search if self._values.pools[key, column]]
        text = str(self._pen.dice.choice(self._values.pools[key, self._pen.dice.choice(columns)]))
        words = text.split()
        if len(words) > 1 and self._pen.chance(0.3):
            words = self._pen.dice.sample(words, self._pen.dice.choice((1, len(words))))
        text = self._pen.dice.choice(("", "", "", " ")).join(words) if self._pen.chance(0.1) else " ".join(words)
        at = self._pen.dice.randrange(max(1, len(text) - 1))
        match self._pen.dice.choice(("as it is", "as it is", "cut off", "lost", "swapped", "wrong", "more")):
            case "cut off":
                text = text[: max(2, at)]
            case "lost":
                text = text[:at] + text[at + 1 :]
            case "swapped":
                text = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
            case "wrong":
                text = text[:at] + self._pen.dice.choice("بxن ") + text[at + 1 :]
            case "more":
                text += self._pen.dice.choice((" آباد", " تهران", " هیچ", "ا"))
        return self._respelt(text)

    def _respelt(self, text: str) -> str:
        """The same word for a reader."""
        if not self._pen.chance(0.3):
            return text
        old, new = self._pen.dice.choice(
            (
                ("ی", "ي"),
                ("ک", "ك"),
                ("آ", "ا"),
                (" ", "\u200c"),
                ("ه", "ه\u0640"),
                ("ر", "ر\u064e"),
                ("2", "۲"),
                ("z", "Z"),
            )
        )
        return text.replace(old, new)
