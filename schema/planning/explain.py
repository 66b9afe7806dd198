"""A plan in words: what each level reads and by what, for a caller who wants to know why it costs what it costs."""

from collections.abc import Iterable, Iterator

from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract
from publicgsb.datasets.registry import Registry
from publicgsb.schema.planning.model import Level, Plan
from publicgsb.schema.planning.ties import Way
from publicgsb.schema.planning.tree.aggregates import Aggregate, Figure, distinct_columns
from publicgsb.schema.planning.tree.changes import Changes, TallyItem
from publicgsb.schema.planning.tree.conditions import All, Compare, Condition, IsNull, Not, Some
from publicgsb.schema.planning.tree.records import Connection, CountKind, ToManyItem
from publicgsb.schema.planning.walk import lists
from publicgsb.schema.planning.weigh import Price, points_by_level
from publicgsb.schema.types.prices import PriceLevel

_COUNTED = {
    CountKind.TOTAL: "counted up to 10,000",
    CountKind.EXACT: "counted to the end",
    CountKind.ESTIMATE: "counted up to 10,000, estimated from a sample above",
}


def explain(plan: Plan, registry: Registry, found: Price) -> list[PriceLevel]:
    """One entry for each level, in the order of the document; `found` is the price of this plan."""
    pages = lists(plan)
    points = points_by_level(plan, found)
    told = []
    for index, (level, records) in enumerate(zip(plan.levels, found.records, strict=True)):
        root = plan.roots[level.root]
        dataset = level.dataset or root.dataset
        contract = registry.datasets[dataset].contract
        told.append(
            PriceLevel(
                path=".".join(level.path or root.path),
                dataset="/".join(dataset),
                records=records,
                points=points[index],
                reads=_page(plan, contract, level, *pages[index])
                + _tied(level, found.ways[index] if found.ways else None)
                if index in pages
                else _other(contract, plan, level, index),
            )
        )
    return told


def _other(contract: Contract, plan: Plan, level: Level, index: int) -> str:
    root = plan.roots[level.root]
    match root.body:
        case Aggregate() if root.body.level == index:
            return _aggregate(contract, root.body)
        case Changes() if root.body.level == index:
            return _changes(contract, root.body)
    if level.parent is None and root.key is not None:
        return f"One record by its key {_names(contract, (field.name for field in root.key.fields))}."
    return "For each record above, the one record of its link, by a unique key."


def _aggregate(contract: Contract, aggregate: Aggregate) -> str:
    groups = " then ".join(grouping.api_name for grouping in aggregate.groupings)
    read = "published cell" if contract.is_aggregate_only else "record"
    which = f"Every {read} is" if aggregate.condition is None else f"The {read}s that meet the filter are"
    sentence = f"{which} read once, into {f'groups by {groups}' if groups else 'one group'}."
    if aggregate.condition is not None:
        columns = ", ".join(dict.fromkeys(_columns(aggregate.condition)))
        indexed = ", ".join(dict.fromkeys(_indexed(aggregate.condition)))
        met = f"is met by the index of {indexed} or by looking at every {read}"
        sentence += f" The filter on {columns} {met if indexed else f'has no index: every {read} is looked at'}."
    if groups:
        direction = "descending" if aggregate.is_descending else "ascending"
        sentence += f" The groups come in the order of {_figure(aggregate.order) or groups}, {direction}."
    if distinct := distinct_columns(aggregate.items):
        names = ", ".join(field.api_name for field in distinct)
        sentence += f" For the different values of {names} all of them are sorted, once for each."
    return sentence


def _figure(figure: Figure | None) -> str:
    if figure is None or figure.field is None:
        return "" if figure is None else figure.statistic
    return f"{figure.statistic} of {figure.field.api_name}"


def _changes(contract: Contract, changes: Changes) -> str:
    size = "the last" if changes.is_backward else "the first"
    if changes.after is not None:
        size = "those before the cursor" if changes.is_backward else "those after the cursor"
    order = _names(contract, contract.primary_key, " then ")
    sentence = (
        f"A page of changes, {size} in the order of {order}. Their keys are read off what each release on the way kept"
        " of its own changes, and both records are found by the key; where one of those releases is gone, both tables"
        " are read along the key instead."
    )
    if changes.condition is not None:
        columns = ", ".join(dict.fromkeys(_columns(changes.condition)))
        sentence += f" The filter on {columns} is applied to both records."
    if any(isinstance(item, TallyItem) for item in changes.items):
        sentence += " All changes are found and counted, up to 10,000."
    return sentence


def _page(plan: Plan, contract: Contract, level: Level, c: Connection, by: ToManyItem | None) -> str:
    size = "the last" if c.is_backward else "the first"
    if c.after is not None:
        size = "those before the cursor" if c.is_backward else "those after the cursor"
    sentence = "A page of records" if by is None else "For each record above, a page of records"
    sentence += f"{_whose(plan, contract, by)}, "
    sentence += f"{size} in the order {_order(contract, c)}."
    if by is not None and by.through is None:
        sentence += f" The index of {_names(contract, by.link.fields)} finds them."
    elif c.search is not None:
        sentence += " The index of the words finds them, and all that it finds are ranked."
    elif by is None and c.near is not None:
        sentence += " The index of the places finds them, and all that it finds are measured."
    elif by is None and c.condition is None:
        sentence += " The index of the order is read from there on and no further than the page."
    if c.condition is not None:
        is_found = by is not None or c.search is not None or c.near is not None
        sentence += f" {_filter(contract, c.condition, is_found=is_found)}"
    if level.counts:
        sentence += f" All that match are {' and '.join(dict.fromkeys(_COUNTED[kind] for kind in level.counts))}."
    return sentence


def _whose(plan: Plan, contract: Contract, by: ToManyItem | None) -> str:
    if by is None:
        return ""
    if by.through is None:
        return f" whose {_names(contract, by.link.fields)} lead to it"
    return f" that rows of {'/'.join(plan.slots[by.through.slot].dataset)} tie to it, each once"


def _tied(level: Level, way: Way | None) -> str:
    if level.tie is None or way is None:
        return ""
    often = "" if level.tie.reads == 1 else f", {level.tie.reads} times"
    rows = f"all rows of {'/'.join(level.tie.via)} that lead to it"
    return f" For each record above, {rows} are looked at{often}: {way.most:,} at most."


def _order(contract: Contract, c: Connection) -> str:
    if c.search is not None:
        return "of how well they match the words searched for"
    declared = next((o.fields for o in contract.orderings if o.name == c.ordering), ())
    names = _names(contract, dict.fromkeys((*declared, *contract.key_columns)), " then ")
    if c.near is not None:
        return f"of distance from the place then {names}"
    return f"of {names}, {'descending' if c.is_descending else 'ascending'}"


def _filter(contract: Contract, condition: Condition, *, is_found: bool) -> str:
    columns = ", ".join(dict.fromkeys(_columns(condition)))
    indexed = ", ".join(dict.fromkeys(_indexed(condition)))
    if is_found:
        return f"The filter on {columns} is applied to what that finds."
    if indexed:
        return f"The filter on {columns} is met by the index of {indexed} or by reading along the order."
    return f"The filter on {columns} has no index: records are looked at along the order until the page is full."


def _columns(condition: Condition) -> Iterator[str]:
    match condition:
        case Compare(field) | IsNull(field):
            yield field.api_name
        case All(of) | Some(of):
            for part in of:
                yield from _columns(part)
        case Not(of):
            yield from _columns(of)


def _indexed(condition: Condition) -> Iterator[str]:
    """Fields that must meet a comparison which an index serves."""
    match condition:
        case Compare(field):
            yield field.api_name
        case All(of):
            for part in of:
                yield from _indexed(part)


def _names(contract: Contract, columns: Iterable[str], between: str = ", ") -> str:
    return between.join("the source" if column == ROW_COLUMN else contract.field(column).api_name for column in columns)
