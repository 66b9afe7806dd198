"""`F`: conditions written as Python, beside the keyword form of `where`.

where(F.country == "IR", F.name.contains("مهر"))
where((F.elevation >= 1000) | F.iata.is_null(), ~F.city.in_(["یزد", "تهران"]))
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from publicgsb_sdk.errors import InvalidRequest


@dataclass(frozen=True)
class Condition:
    """What must hold; joined by `&`, `|` and turned round by `~`. It is checked when the query is asked.

    >>> F.country == "IR"
    Condition(said={'country': {'eq': 'IR'}})
    """

    said: Mapping[str, Any]

    def __and__(self, other: "Condition") -> "Condition":
        return Condition({"and": [self, other]})

    def __or__(self, other: "Condition") -> "Condition":
        return Condition({"or": [self, other]})

    def __invert__(self) -> "Condition":
        """None of this. Records where it is unknown, because a value is missing, are included."""
        return Condition({"not": self})

    def __bool__(self) -> bool:
        raise InvalidRequest(
            "A condition has no truth of its own before it is asked.",
            hint="Join conditions with &, | and ~, each in parentheses, not with and, or, not, in or 1 < F.x < 2.",
            details={"reason": "operand"},
        )


class Term:
    """A field to be compared: by `==`, `!=`, `<`, `<=`, `>`, `>=`, or as below. The value has the field's type.

    >>> F.elevation >= 1000
    Condition(said={'elevation': {'gte': 1000}})
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, value: Any) -> Condition:  # type: ignore[override]
        return Condition({self.name: None if value is None else {"eq": value}})

    def __ne__(self, value: Any) -> Condition:  # type: ignore[override]
        return Condition({self.name: {"is_null": False}}) if value is None else ~(self == value)

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, value: Any) -> Condition:
        return Condition({self.name: {"lt": value}})

    def __le__(self, value: Any) -> Condition:
        return Condition({self.name: {"lte": value}})

    def __gt__(self, value: Any) -> Condition:
        return Condition({self.name: {"gt": value}})

    def __ge__(self, value: Any) -> Condition:
        return Condition({self.name: {"gte": value}})

    def in_(self, values: Iterable[Any]) -> Condition:
        """One of them.

        >>> F.city.in_(["یزد", "تهران"])
        Condition(said={'city': {'in': ['یزد', 'تهران']}})
        """
        return Condition({self.name: {"in": list(values)}})

    def is_null(self, is_so: bool = True) -> Condition:
        """Without a value; with one for `is_null(False)`.

        >>> F.iata.is_null()
        Condition(said={'iata': {'is_null': True}})
        """
        return Condition({self.name: {"is_null": is_so}})

    def contains(self, part: str) -> Condition:
        """A part of the text, in any spelling of Persian.

        >>> F.name.contains("مهر")
        Condition(said={'name': {'contains': 'مهر'}})
        """
        return Condition({self.name: {"contains": part}})

    def starts_with(self, beginning: str) -> Condition:
        """The beginning of the text.

        >>> F.icao.starts_with("OI")
        Condition(said={'icao': {'starts_with': 'OI'}})
        """
        return Condition({self.name: {"starts_with": beginning}})


class Fields:
    """`F.country`, or `F["in"]` where a name is no word of Python's."""

    def __getattr__(self, name: str) -> Term:
        if name.startswith("__"):  # what Python itself asks for is no field
            raise AttributeError(name)
        return Term(name)

    def __getitem__(self, name: str) -> Term:
        return Term(name)


F = Fields()
"""The fields of whatever dataset is asked: `F.country`, or `F["in"]` where a name is no word of Python's.

>>> F["in"] == "IR"
Condition(said={'in': {'eq': 'IR'}})
"""
