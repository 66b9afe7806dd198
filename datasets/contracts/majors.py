"""The next major of a contract is a dataset of its own, under a name that says which: airports, then airports_v2.

So both can be asked side by side: `airports` and `airportsV2`, `AviationAirport` and `AviationAirportV2`. The schema
gives the major to the names that a dataset takes under its agency; what it puts on the records of others is named here.
"""

from typing import Any

from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.names import base_slug
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render


def is_major(old: Contract, new: Contract) -> bool:
    """Whether somebody who asks by `old` could lose anything by `new`."""
    return old.major != new.major or bool(breaks(old, new))


def as_next_major(old: Contract, new: Contract) -> Contract:
    """`new` under the names of its major; links to itself lead to itself. Raises InvalidRequest for names too long."""
    before, major = old.major, new.major
    document = render(new)
    document["dataset"] = _slug(new.dataset, before, major)
    own = f"{new.agency}/{new.dataset}"
    for link in document.get("links", []):
        if link["to"] == own:
            link["to"] = f"{new.agency}/{document['dataset']}"
        _rename(link, "reverse", before, major)  # it stands on the records of others, beside the old one's
    for shortcut in document.get("shortcuts", []):
        _rename(shortcut, "name", before, major)
    return parse(document)


def _rename(member: dict[str, Any], key: str, before: int, major: int) -> None:
    if key in member:
        member[key] = _name(member[key], before, major)


def _slug(slug: str, before: int, major: int) -> str:
    return f"{base_slug(slug, before)}_v{major}"


def _name(name: str, before: int, major: int) -> str:
    return f"{name.removesuffix(f'V{before}')}V{major}"
