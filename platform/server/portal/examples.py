"""Queries to begin with for each dataset, in the explorer's menu: a list with a link, a look-up by key, page 2, and
what feature_examples.py adds.

Key and cursor are real ones where the dataset is open; whoever needs a key to see a record does not see one here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Key
from publicgsb.datasets.contracts.names import camel_case, major_suffix
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.platform.server.portal.feature_examples import feature_examples, place_fields
from publicgsb.platform.server.portal.sample_query import fields_of, is_free, is_readable, links_of
from publicgsb.schema.types.marks import key_fields
from publicgsb.schema.types.scalars import SCALARS

PAGE = 5


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The first record's key values by API name, where it is, and the cursor after the first page.

    Empty where nobody may look.
    """

    key: Mapping[str, Any]
    cursor: str | None
    place: tuple[float, float] | None = None


NOTHING = Glimpse({}, None)


def index(registry: Registry) -> list[dict[str, Any]]:
    """Every dataset that can be asked, by id."""
    readable = [entry for _, entry in sorted(registry.datasets.items()) if is_readable(entry)]
    return [
        {"id": entry.name, "title": {"fa": entry.contract.title.fa, "en": entry.contract.title.en}}
        for entry in readable
    ]


def examples(registry: Registry, entry: DatasetEntry, glimpse: Glimpse) -> dict[str, dict[str, Any]]:
    """By kind, each with its query and variables; kinds that the dataset does not offer are left out."""
    contract = entry.contract
    found: dict[str, dict[str, Any]] = {
        "list": {"query": _list(registry, entry)},
        "page": {"query": _page(entry), "variables": {"after": glimpse.cursor}},
    }
    key = _free_key(contract)
    if key is not None:
        columns = key_fields(contract, key)
        variables = {column.api_name: glimpse.key.get(column.api_name) for column in columns}
        found["lookUp"] = {"query": _look_up(entry, key), "variables": variables}
    return found | feature_examples(registry, entry, glimpse.place)


def glimpse_query(entry: DatasetEntry) -> str | None:
    """What shows a glimpse, None where a record may not be shown to everybody."""
    contract = entry.contract
    key = _free_key(contract)
    if not is_readable(entry) or contract.access is not AccessLevel.OPEN or key is None:
        return None
    columns = key_fields(contract, key)
    if any(contract.access_of(column) is not AccessLevel.OPEN for column in columns):
        return None
    names = " ".join(dict.fromkeys((*(column.api_name for column in columns), *_open_place(contract))))
    return _under(entry, f"{_list_name(contract)}(first: {PAGE}) {{ nodes {{ {names} }} pageInfo {{ endCursor }} }}")


def glimpse_of(entry: DatasetEntry, data: Mapping[str, Any]) -> Glimpse:
    """From the answer to glimpse_query."""
    page = data[_agency(entry)][_list_name(entry.contract)]
    if not page or not page["nodes"]:
        return NOTHING
    record = page["nodes"][0]
    degrees = [record[name] for name in _open_place(entry.contract)]
    place = (float(degrees[0]), float(degrees[1])) if degrees and None not in degrees else None
    return Glimpse(record, page["pageInfo"]["endCursor"], place)


def _list(registry: Registry, entry: DatasetEntry) -> str:
    lines = [" ".join(fields_of(entry.contract))]
    for link in links_of(registry, entry)[:1]:
        target = registry.datasets[link.target].contract
        lines.append(f"{link.name} {{ {' '.join(fields_of(target))} }}")
    inner = "\n        ".join(lines)
    return f"""query List {{
  {_agency(entry)} {{
    {_list_name(entry.contract)}(first: {PAGE}) {{
      totalCount
      nodes {{
        {inner}
      }}
    }}
  }}
}}
"""


def _page(entry: DatasetEntry) -> str:
    return f"""query Page($after: String) {{
  {_agency(entry)} {{
    {_list_name(entry.contract)}(first: {PAGE}, after: $after) {{
      nodes {{
        {" ".join(fields_of(entry.contract))}
      }}
      pageInfo {{
        hasNextPage
        endCursor
      }}
    }}
  }}
}}
"""


def _look_up(entry: DatasetEntry, key: Key) -> str:
    contract = entry.contract
    columns = key_fields(contract, key)
    declared = ", ".join(f"${column.api_name}: {SCALARS[column.type].name}!" for column in columns)
    if len(columns) == 1:
        by = f"{key.name}: ${columns[0].api_name}"
    else:
        by = f"{key.name}: {{{', '.join(f'{column.api_name}: ${column.api_name}' for column in columns)}}}"
    return f"""query LookUp({declared}) {{
  {_agency(entry)} {{
    {contract.record_field}{major_suffix(contract.major)}(by: {{{by}}}) {{
      {" ".join(fields_of(contract))}
    }}
  }}
}}
"""


def _free_key(contract: Contract) -> Key | None:
    """The first key whose columns nobody needs a grant for."""
    return next(
        (key for key in contract.unique_keys if all(is_free(contract, one) for one in key_fields(contract, key))), None
    )


def _open_place(contract: Contract) -> tuple[str, ...]:
    """The fields of a place that everybody may see."""
    pair = contract.coordinates
    names = place_fields(contract)
    if pair is None or names is None:
        return ()
    is_open = all(contract.access_of(contract.field(one)) is AccessLevel.OPEN for one in (pair.lat, pair.lon))
    return names if is_open else ()


def _agency(entry: DatasetEntry) -> str:
    return camel_case(entry.agency.slug)


def _list_name(contract: Contract) -> str:
    return contract.list_name + major_suffix(contract.major)


def _under(entry: DatasetEntry, text: str) -> str:
    return f"{{ {_agency(entry)} {{ {text} }} }}"
