"""Names that are Python's too, whatever a dataset calls its fields, records and codes."""

import builtins
import keyword
from collections.abc import Iterable

TAKEN = frozenset(
    {
        *("Collection", "Mapping"),
        *("Decimal", "Final", "Literal", "TypedDict", "TYPE_CHECKING", "Unpack", "Any", "overload"),
        *("AsyncClient", "AsyncTypedDataset", "AsyncQuery", "Client", "Group", "TypedDataset"),
        *("Column", "Order", "Query", "RowT", "Selected", "Self", "Where"),
        *("ID", "VERSION", "SHA256", "FIELDS"),
    }
)
# A field that is called as a type is would hide that type from the lines below it.
HIDING = frozenset({"str", "int", "float", "bool", "datetime"})


def is_plain(field: str) -> bool:
    """Whether the name can stand on a line of its own in the body of a class."""
    return is_name(field) and not keyword.iskeyword(field) and field not in HIDING


def is_name(text: str) -> bool:
    """ASCII only: Python turns some other letters of a name into others, and the key would not be the column."""
    return text.isascii() and text.isidentifier()


def module_name(slug: str) -> str:
    """`import` as a file of Python is called: `import_`."""
    return f"{slug}_" if keyword.iskeyword(slug) else slug


def pascal(name: str) -> str:
    """`time_hour` as a type is called: `TimeHour`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part)


class Names:
    """The type names of one module, none twice."""

    def __init__(self, taken: Iterable[str] = TAKEN) -> None:
        self._taken = {*taken, *dir(builtins), *map(str, keyword.kwlist)}

    def type_name(self, wanted: str, ending: str) -> str:
        """`wanted`; with the ending, and then with a number, where somebody has that name or it is none."""
        stem = wanted if is_name(wanted) else ""
        name, number = stem or ending, 1
        while name in self._taken:
            number += 1
            name = f"{stem}{ending}" if number == 2 and stem else f"{stem}{ending}{number}"
        self._taken.add(name)
        return name
