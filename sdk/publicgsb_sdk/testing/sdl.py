"""The service's schema for given contracts, as SDL: the same names, types and arguments, without the descriptions.

tests/sdk/mock holds it against the schema that the service itself makes of the same contracts.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType

from publicgsb_sdk.contract import FieldType, camel
from publicgsb_sdk.testing.model import Column, Join, Key, MockContract, Name, Tie, pascal

PAGE = "first: Int, after: String, last: Int, before: String"
SCALARS: Mapping[FieldType, str] = MappingProxyType(
    {
        FieldType.STRING: "String",
        FieldType.INTEGER: "Int",
        FieldType.YEAR: "Int",
        FieldType.BIGINT: "BigInt",
        FieldType.NUMBER: "Float",
        FieldType.DECIMAL: "Decimal",
        FieldType.BOOLEAN: "Boolean",
        FieldType.DATE: "Date",
        FieldType.DATETIME: "DateTime",
    }
)
SUMS: Mapping[FieldType, str] = MappingProxyType({FieldType.INTEGER: "BigInt", FieldType.NUMBER: "Float"})
GRAINS: Mapping[str, str] = MappingProxyType(
    {"day": "Date", "month": "String", "year": "Int", "jalaliMonth": "String", "jalaliYear": "Int"}
)
FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "countDistinct": "AggregateDistinct",
        "sum": "AggregateSum",
        "avg": "AggregateAverage",
        "min": "AggregateValues",
        "max": "AggregateValues",
    }
)


def schema_text(contracts: Iterable[MockContract]) -> str:
    """Everything that can be asked, as one document."""
    known = {one.name: one for one in contracts}
    parts = [files("publicgsb_sdk.testing").joinpath("static.graphql").read_text(encoding="utf-8")]
    parts += [text for contract in known.values() for text in _types(contract, known)]
    for name in sorted({_filter_name(column) for one in known.values() for column in one.columns if column.filters}):
        column = next(
            column
            for one in known.values()
            for column in one.columns
            if column.filters and _filter_name(column) == name
        )
        parts.append(f"input {name} {{ {' '.join(_operator(op, column) for op in column.filters)} }}")
    for agency in dict.fromkeys(one.agency for one in known.values()):
        roots = [text for one in known.values() if one.agency == agency for text in root_fields(one).values()]
        parts.append(f"type {pascal(agency)} {{ {' '.join(roots)} }}")
        parts.append(f"extend type Query {{ {camel(agency)}: {pascal(agency)}! }}")
    return "\n".join(parts)


def root_fields(contract: MockContract) -> dict[str, str]:
    """The fields of a dataset below its agency: what each is (list, record, …) and its text."""
    name, suffix = contract.type_name, contract.suffix
    found: dict[str, str] = {}
    if contract.has_aggregates:
        group_by = f"groupBy: [{name}GroupBy!], " if contract.groupings else ""
        found["aggregate"] = (
            f"{contract.list_name}Aggregate{suffix}(where: {name}Where, {group_by}"
            f"orderBy: {name}AggregateOrder, first: Int = 20, release: Release): {name}Aggregate"
        )
    if not contract.has_records:
        return found
    found["list"] = f"{contract.list_name}{suffix}({list_arguments(contract, is_root=True)}): {name}Connection"
    if contract.primary_key:
        found["changes"] = (
            f"{contract.list_name}Changes{suffix}(since: Release!, release: Release, where: {name}Where, {PAGE}): "
            f"{name}ChangeConnection"
        )
    if contract.keys:
        found["record"] = f"{contract.record_field}{suffix}(by: {name}By!, release: Release): {name}"
    return found


def list_arguments(contract: MockContract, *, is_root: bool) -> str:
    """Of a list at the root or below a record."""
    near = "near: NearPoint, " if contract.coordinates else ""
    search = ", search: String" if is_root and contract.search else ""
    release = ", release: Release" if is_root else ""
    return f"where: {contract.type_name}Where, orderBy: {contract.type_name}Order, {near}{PAGE}{search}{release}"


def reverse_joins(name: Name, known: Mapping[Name, MockContract]) -> Iterator[tuple[MockContract, Join]]:
    """The links that lead here and are read from this side too."""
    for contract in known.values():
        for join in contract.joins:
            if join.reverse and join.to == name:
                yield contract, join


def ties_on(name: Name, known: Mapping[Name, MockContract]) -> Iterator[tuple[MockContract, Tie]]:
    """The shortcuts that begin here, with the dataset that ties."""
    for contract in known.values():
        for tie in contract.ties:
            if tie.inward.to == name:
                yield contract, tie


def _types(contract: MockContract, known: Mapping[Name, MockContract]) -> Iterator[str]:
    name = contract.type_name
    conditions = [f"{one.api_name}: {_filter_name(one)}" for one in contract.columns if one.filters]
    own = f"[{name}Where!]"
    yield f"input {name}Where {{ {' '.join(conditions)} and: {own} or: {own} not: {name}Where }}"
    if contract.has_aggregates:
        yield from _aggregates(contract)
    if not contract.has_records:
        return
    orders = " ".join(f"{one}_{way}".upper() for one in contract.orderings_by_name() for way in ("asc", "desc"))
    distance = " distanceKm: Float" if contract.coordinates else ""
    yield f"enum {name}Order {{ {orders} }}"
    yield f"type {name} {{ {' '.join(_record(contract, known))} }}"
    yield f"type {name}Edge {{ node: {name}! cursor: String!{distance} }}"
    yield (
        f"type {name}Connection {{ nodes: [{name}!]! edges: [{name}Edge!]! pageInfo: PageInfo! "
        "totalCount(exact: Boolean = false): Int estimatedCount: Int! }"
    )
    if contract.keys:
        yield from _keys(contract)
    if contract.primary_key:
        yield from _changes(contract)


def _record(contract: MockContract, known: Mapping[Name, MockContract]) -> Iterator[str]:
    for column in contract.columns:
        yield f"{column.api_name}: {SCALARS[column.type]}" + ("!" if column.name in contract.primary_key else "")
    for join in contract.joins:
        if join.to in known and known[join.to].has_records:
            yield f"{join.name}: {known[join.to].type_name}"
    for source, join in reverse_joins(contract.name, known):
        yield f"{join.reverse}({list_arguments(source, is_root=False)}): {source.type_name}Connection"
    for _, tie in ties_on(contract.name, known):
        if tie.outward.to in known:
            target = known[tie.outward.to]
            yield f"{tie.name}({list_arguments(target, is_root=False)}): {target.type_name}Connection"


def _keys(contract: MockContract) -> Iterator[str]:
    name = f"{contract.type_name}By"
    members: list[str] = []
    for key in contract.keys:
        columns = [contract.by_name[one] for one in key.columns]
        if len(columns) == 1:
            members.append(f"{key.name}: {SCALARS[columns[0].type]}")
        else:
            members.append(f"{key.name}: {_key_type(name, key)}")
            fields = " ".join(f"{one.api_name}: {SCALARS[one.type]}!" for one in columns)
            yield f"input {_key_type(name, key)} {{ {fields} }}"
    yield f"input {name} @oneOf {{ {' '.join(members)} }}"


def _key_type(name: str, key: Key) -> str:
    return name + pascal(key.name)


def _changes(contract: MockContract) -> Iterator[str]:
    name = contract.type_name
    columns = [contract.by_name[one] for one in contract.primary_key]
    yield f"type {name}Key {{ {' '.join(f'{one.api_name}: {SCALARS[one.type]}!' for one in columns)} }}"
    yield (
        f"type {name}Change {{ change: ChangeKind! key: {name}Key! before: {name} after: {name} "
        "changedFields: [String!]! }"
    )
    yield f"type {name}ChangeEdge {{ node: {name}Change! cursor: String! }}"
    yield (
        f"type {name}ChangeConnection {{ nodes: [{name}Change!]! edges: [{name}ChangeEdge!]! pageInfo: PageInfo! "
        "added: Int removed: Int changed: Int }"
    )


def _aggregates(contract: MockContract) -> Iterator[str]:
    name = contract.type_name
    measures = [contract.by_name[one] for one in contract.measures]
    cells = "" if contract.has_records else " suppressedCells: Int! minCell: Int!"
    yield f"type {name}Aggregate {{ groups: [{name}AggregateGroup!]! totalGroups: Int!{cells} }}"
    parts = [f"key: {name}AggregateKey!"] if contract.groupings else []
    parts += ["count: Int!"] + [f"{one}: {name}{FIGURES[one]}!" for one in figures_of(contract)]
    yield f"type {name}AggregateGroup {{ {' '.join(parts)} }}"
    if contract.groupings:
        keys = [
            f"{one.api_name}: {GRAINS[one.grain] if one.grain else SCALARS[contract.by_name[one.column].type]}"
            for one in contract.groupings
        ]
        yield f"type {name}AggregateKey {{ {' '.join(keys)} }}"
        yield f"enum {name}GroupBy {{ {' '.join(one.name for one in contract.groupings)} }}"
    orders = ["key", "count", *(f"{how}_{one.name}" for one in measures for how in ("sum", "avg"))]
    choices = [f"{one}_{way}".upper() for one in orders for way in ("asc", "desc")]
    yield f"enum {name}AggregateOrder {{ {' '.join(choices)} }}"
    for type_ in dict.fromkeys(FIGURES[one] for one in figures_of(contract)):
        yield f"type {name}{type_} {{ {' '.join(_figures(contract, type_))} }}"


def figures_of(contract: MockContract) -> tuple[str, ...]:
    """What is told of a group beside its key and count. Cells know sums only."""
    distinct = ("countDistinct",) if contract.has_records else ()
    if not contract.measures:
        return distinct
    return (*distinct, "sum", "avg", *(("min", "max") if contract.has_records else ()))


def _figures(contract: MockContract, type_: str) -> Iterator[str]:
    measured = set(contract.measures)
    grouped = {one.column for one in contract.groupings} if type_ == "AggregateDistinct" else set[str]()
    for column in contract.columns:
        if column.name in measured | grouped:
            if type_ == "AggregateDistinct":
                scalar = "Int!"
            elif type_ == "AggregateSum":
                scalar = SUMS.get(column.type, "Decimal")
            elif type_ == "AggregateAverage":
                scalar = "Decimal" if column.type is FieldType.DECIMAL else "Float"
            else:
                scalar = SCALARS[column.type]
            yield f"{column.api_name}: {scalar}"


def _filter_name(column: Column) -> str:
    return SCALARS[column.type] + "".join(op[:1].upper() + op[1:] for op in column.filters) + "Filter"


def _operator(op: str, column: Column) -> str:
    scalar = SCALARS[column.type]
    return f"{op}: {f'[{scalar}!]' if op == 'in' else 'Boolean' if op == 'isNull' else scalar}"
