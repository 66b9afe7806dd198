"""Contracts as the service tells them: one with every trap for names, and those of the demo."""

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from publicgsb.datasets.catalogue import dataset_page
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState
from publicgsb.platform.server import demo
from publicgsb_sdk.contract import Contract
from publicgsb_sdk.published import read_contract

DEMO = Path(demo.__file__).parent / "contracts"

# Names that Python has uses for, a code list in Persian and one of numbers, every type, every level of access.
ODD: dict[str, Any] = {
    "agency": "import",
    "dataset": "class",
    "title": {"fa": "نمونه‌ها", "en": "Samples"},
    "description": {"fa": "همهٔ دام‌ها.", "en": 'All traps: """ and \\ and \u202e.'},
    "source": {"name": "Hand-made"},
    "licence": {"name": "CC0-1.0"},
    "contract": {
        "version": "2.0.0",
        "sha256": "c0ffee",
        "recordName": "Decimal",
        "listName": "classes",
        "access": "open",
        "primaryKey": ["code"],
        "fields": [
            {"name": "code", "apiName": "code", "type": "string", "required": True, "filters": ["eq", "in"]},
            {"name": "class", "apiName": "class", "type": "integer", "filters": ["eq", "gte"]},
            {"name": "str", "apiName": "str", "type": "string", "filters": []},
            {
                "name": "kind",
                "apiName": "kind",
                "type": "string",
                "required": True,
                "filters": ["eq", "in", "isNull"],
                "categories": [
                    {"value": "باز", "label": {"fa": "باز است", "en": "Open"}},
                    {"value": 'a"b', "label": None},
                ],
            },
            {
                "name": "grade",
                "apiName": "grade",
                "type": "integer",
                "filters": ["in"],
                "categories": [{"value": "1"}, {"value": "-2"}],
            },
            {"name": "datetime", "apiName": "datetime", "type": "datetime", "filters": ["lt"]},
            {"name": "on_day", "apiName": "onDay", "type": "date", "filters": ["eq"]},
            {"name": "fee", "apiName": "fee", "type": "decimal", "unit": "IRR", "filters": ["gte"]},
            {"name": "is_open", "apiName": "isOpen", "type": "boolean", "filters": ["eq"]},
            {"name": "count", "apiName": "count", "type": "bigint", "filters": ["gte"]},
            {"name": "share", "apiName": "share", "type": "number", "filters": ["lt"]},
            {"name": "phone", "apiName": "phone", "type": "string", "access": "restricted", "filters": ["eq"]},
            {"name": "secret", "apiName": "secret", "type": "string", "access": "withheld", "filters": []},
        ],
        "links": [{"name": "from", "to": "import/class", "label": {"fa": "از", "en": "From"}}],
        "orderings": [{"name": "fee", "fields": ["fee"]}],
    },
    "release": {"seq": 3, "rows": 2, "sha256": "ab", "asOf": "2026-09-05", "publishedAt": "2026-11-01T10:00:00+00:00"},
}


def odd(**changes: Any) -> Contract:
    """The contract of `import.class`; the changes are made to the `contract` member."""
    return read_contract(ODD | {"contract": ODD["contract"] | changes})


@cache
def demo_contracts() -> dict[str, Contract]:
    """By `agency/dataset`, as the service's page of each would tell them before its first release."""
    return {contract.id: contract for contract in map(_told, sorted(DEMO.glob("*.yaml")))}


def _told(path: Path) -> Contract:
    contract = parse(read_text(path.read_text("utf-8"), "contract"))
    agency = Agency(1, contract.agency, contract.title, is_sample=True, contact="demo@publicgsb.example")
    entry = DatasetEntry(
        id=1,
        agency=agency,
        slug=contract.dataset,
        contract=contract,
        state=DatasetState.ACTIVE,
        withdrawn_reason=None,
        current=None,
        history=(),
        releases=MappingProxyType({}),
        gone=frozenset(),
        recalled=frozenset(),
        link_rates=MappingProxyType({}),
    )
    return read_contract(dataset_page(entry, "https://gsb.test"))
