"""The member `aggregates` of a contract: read, rendered, checked, and what changing it breaks."""

from collections.abc import Iterator, Mapping
from typing import Any

from publicgsb.datasets.contracts.aggregates import (
    MIN_CELL_DEFAULT,
    MIN_CELL_LEAST,
    Aggregates,
    Dimension,
    Grain,
)
from publicgsb.datasets.contracts.groupings import DATES, groupings
from publicgsb.datasets.contracts.model import AccessLevel, Contract, FieldType, FilterOp
from publicgsb.datasets.contracts.names import COLUMN, major_suffix
from publicgsb.datasets.contracts.node import Node
from publicgsb.datasets.contracts.problems import Problems

MEASURED = frozenset({FieldType.INTEGER, FieldType.BIGINT, FieldType.NUMBER, FieldType.DECIMAL})
GROUPED = frozenset(
    {FieldType.STRING, FieldType.INTEGER, FieldType.BIGINT, FieldType.YEAR, FieldType.BOOLEAN, *DATES}
)  # equal decimals and floats are mostly an accident
_MIN_CELL_MOST = 1_000_000
_PATH = "aggregates"


def read_aggregates(document: Node) -> Aggregates | None:
    node = document.node(_PATH)
    if node is None:
        return None
    only = node.flag("only")
    min_cell = node.integer("minCell", least=MIN_CELL_LEAST, most=_MIN_CELL_MOST)
    if node.has("minCell") and not only:
        node.expected(
            "minCell",
            "left out where rows are released: a cell can be added up from them",
            "حذف شده در جایی که ردیف‌ها منتشر می‌شوند",
            "Add `only: true` to release cells instead of rows.",
        )
    dimensions = tuple(_dimensions(node))
    measures = node.texts("measures")
    p_percent = node.integer("pPercent", least=1, most=100)
    if node.has("pPercent") and not (only and measures):
        node.expected(
            "pPercent",
            "left out where no sums of cells are released",
            "حذف شده در جایی که جمع خانه‌ها منتشر نمی‌شود",
            "It is for `only: true` with measures.",
        )
    node.refuse_unknown()
    return Aggregates(dimensions, measures, only, (min_cell or MIN_CELL_DEFAULT) if only else None, p_percent)


def _dimensions(node: Node) -> Iterator[Dimension]:
    for at, item in enumerate(node.items("dimensions")):
        if isinstance(item, str):
            yield Dimension(item)
        elif isinstance(item, Mapping):
            entry = Node(item, f"{node.at('dimensions')}[{at}]", node.problems)
            column = entry.text("column", required=True, pattern=COLUMN)
            grain = entry.choice("grain", Grain)
            entry.refuse_unknown()
            if column:
                yield Dimension(column, grain)
        else:
            node.expected(f"dimensions[{at}]", "a column or {column, grain}", "نام ستون یا {column, grain}", "")


def render_aggregates(aggregates: Aggregates | None) -> dict[str, Any] | None:
    if aggregates is None:
        return None
    members: dict[str, Any] = {
        "dimensions": [
            {"column": dimension.column, "grain": dimension.grain.value} if dimension.grain else dimension.column
            for dimension in aggregates.dimensions
        ],
        "measures": list(aggregates.measures),
    }
    if aggregates.only:
        members |= {"only": True, "minCell": aggregates.min_cell}
    return members | ({"pPercent": aggregates.p_percent} if aggregates.p_percent else {})


def aggregate_breaks(old: Aggregates | None, new: Aggregates | None) -> Iterator[str]:
    """Sentences on what a query for aggregates could lose; rows and cells never follow one another in one major."""
    if (old is not None and old.only) != (new is not None and new.only):
        yield "the dataset changes between rows and cells"
    if old is None:
        return
    kept = {dimension.column: dimension.grain for dimension in new.dimensions} if new else {}
    for dimension in old.dimensions:
        if dimension.column not in kept:
            yield f"the dimension {dimension.column} is gone"
        elif kept[dimension.column] is not dimension.grain:
            yield f"the grain of the dimension {dimension.column} changes"
    for measure in old.measures:
        if new is None or measure not in new.measures:
            yield f"the measure {measure} is gone"


def aggregates_touched(old: Aggregates | None, new: Aggregates | None) -> Iterator[str]:
    """The columns of what `aggregate_breaks` names."""
    if old is None:
        return
    kept = {(dimension.column, dimension.grain) for dimension in new.dimensions} if new else set()
    for dimension in old.dimensions:
        if (dimension.column, dimension.grain) not in kept:
            yield dimension.column
    for measure in old.measures:
        if new is None or measure not in new.measures:
            yield measure


def check_aggregates(contract: Contract, problems: Problems) -> None:
    aggregates = contract.aggregates
    if aggregates is None:
        return
    columns = [dimension.column for dimension in aggregates.dimensions]
    _check_columns(contract, "dimensions", columns, GROUPED, problems)
    _check_columns(contract, "measures", aggregates.measures, MEASURED, problems)
    if not aggregates.columns or (aggregates.only and not columns):
        problems.add(
            f"{_PATH}.dimensions",
            "names no column.",
            "هیچ ستونی را نام نمی‌برد.",
            "Name at least one column, or leave `aggregates` out.",
        )
    _check_grains(contract, aggregates, problems)
    names = [grouping.name for grouping in groupings(contract)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(
            f"{_PATH}.dimensions",
            f"two of them give the grouping {name}.",
            f"دو بُعد یک نام گروه‌بندی می‌سازند: {name}.",
            "Name each column once; rename a column that ends like a grain of another.",
        )
    if aggregates.only:
        _check_only(contract, aggregates, problems)


def _check_columns(
    contract: Contract, what: str, columns: list[str] | tuple[str, ...], types: frozenset[FieldType], problems: Problems
) -> None:
    path = f"{_PATH}.{what}"
    for column in dict.fromkeys(columns):
        field = contract.by_name.get(column)
        if field is None:
            problems.add(
                path, f"there is no column `{column}`.", f"ستون «{column}» وجود ندارد.", "Name a declared column."
            )
        elif contract.access_of(field) is AccessLevel.WITHHELD:
            problems.add(path, f"`{column}` is withheld.", f"«{column}» منتشر نمی‌شود.", "Leave it out.")
        elif field.type not in types:
            allowed = ", ".join(sorted(types))
            problems.add(
                path,
                f"`{column}` is a {field.type}; allowed: {allowed}.",
                f"نوع «{column}» مناسب نیست؛ مجاز: {allowed}.",
                "Name another column.",
            )
        if columns.count(column) > 1:
            problems.add(path, f"`{column}` is named twice.", f"«{column}» دو بار آمده است.", "Name it once.")


def _check_grains(contract: Contract, aggregates: Aggregates, problems: Problems) -> None:
    for at, dimension in enumerate(aggregates.dimensions):
        field = contract.by_name.get(dimension.column)
        if field is None:
            continue
        path = f"{_PATH}.dimensions[{at}].grain"
        if dimension.grain is not None and (field.type not in DATES or not aggregates.only):
            problems.add(
                path,
                "is for the dates of an aggregate-only dataset.",
                "برای تاریخ‌های مجموعه‌دادهٔ تنها‌تجمیعی است.",
                "Leave it out: where rows are released every grain can be asked for.",
            )
        if dimension.grain is None and field.type in DATES and aggregates.only:
            problems.add(
                path,
                f"is missing; cells need one of: {', '.join(Grain)}.",
                "نیامده است؛ خانه‌های تجمیعی به آن نیاز دارند.",
                f"Write {{ column: {dimension.column}, grain: month }}.",
            )


def _check_only(contract: Contract, aggregates: Aggregates, problems: Problems) -> None:
    """There are no records, so nothing may speak of them, and no column may be there that is neither."""
    for path, declared in (
        ("primaryKey", contract.primary_key),
        ("uniqueKeys", contract.unique_keys[bool(contract.primary_key) :]),
        ("orderings", contract.orderings),
        ("links", contract.links),
        ("search", contract.search),
        ("coordinates", contract.coordinates),
    ):
        if declared:
            problems.add(
                path,
                "is about records, and an aggregate-only dataset releases none.",
                "دربارهٔ رکوردهاست و مجموعه‌دادهٔ تنها‌تجمیعی رکوردی منتشر نمی‌کند.",
                "Leave it out.",
            )
    grouped = {dimension.column for dimension in aggregates.dimensions}
    for at, field in enumerate(contract.fields):
        access = contract.access_of(field)
        if access is AccessLevel.WITHHELD:
            continue
        if field.name not in aggregates.columns:
            problems.add(
                f"fields[{at}]",
                "is neither a dimension nor a measure, so no cell would hold it.",
                "نه بُعد است و نه سنجه، پس در هیچ خانه‌ای نمی‌آید.",
                "Leave it out, or declare it withheld when the file has it.",
            )
        if field.filters and field.name not in grouped:
            problems.add(
                f"fields[{at}].filters",
                "are for dimensions: a measure is only known as a sum over cells.",
                "برای بُعدهاست؛ سنجه تنها به شکل جمع شناخته می‌شود.",
                "Remove `filters`.",
            )
        if FilterOp.CONTAINS in field.filters:
            problems.add(
                f"fields[{at}].filters",
                "cannot hold contains: cells are found by whole values.",
                "نمی‌تواند contains داشته باشد؛ خانه‌ها با مقدار کامل یافته می‌شوند.",
                "Use eq, in or startsWith.",
            )
        if field.access not in (None, contract.access):
            problems.add(
                f"fields[{at}].access",
                "differs from the dataset's; a cell is released as a whole.",
                "با مجموعه‌داده فرق دارد؛ هر خانه یک‌جا منتشر می‌شود.",
                "Remove it.",
            )
    names = cell_file_names(contract)
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(
            "fields",
            f"`{name}` would be two columns of the file of cells.",
            f"«{name}» نام دو ستون پروندهٔ خانه‌ها می‌شود.",
            "Rename the field.",
        )


def cell_file_names(contract: Contract) -> tuple[str, ...]:
    """The columns of an aggregate-only dataset's file: the dimensions, count, then sum and count of each measure."""
    aggregates = contract.aggregates
    assert aggregates is not None
    measured = [name for measure in aggregates.measures for name in (f"{measure}_sum", f"{measure}_count")]
    return (*(dimension.column for dimension in aggregates.dimensions), "count", *measured)


def root_field_names(contract: Contract) -> set[str]:
    """Every name that the dataset takes under its agency."""
    names = {name for name in (contract.list_name, contract.record_field, contract.changes_field) if name}
    if contract.aggregates:
        names.add(aggregate_name(contract))
    return {name + major_suffix(contract.major) for name in names}


def aggregate_name(contract: Contract) -> str:
    return f"{contract.list_name}Aggregate"
