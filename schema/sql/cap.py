"""The largest answer, kept by the database: what is larger is measured there and never sent to us.

Tens of megabytes of records would hold up the event loop and take twice their size of its memory just to be refused;
like this they take neither. A look-up without lists is not measured there: it is one record.
"""

from dataclasses import replace

from publicgsb.schema.sql.binding import answer_bytes_max
from publicgsb.schema.sql.builder import Statement


def capped(statement: Statement) -> Statement:
    """The same rows with one more column, the bytes of their JSON; above the limit the JSON is null."""
    if not statement.counts:
        return statement
    texts = {column for _, column in statement.columns}
    width = 1 + max([*texts, *(column for _, column in statement.counts)])
    limit = f"${len(statement.binders) + 1}::int8"
    size = " + ".join(f"coalesce(octet_length(i.o{column}), 0)" for column in sorted(texts))
    outputs = [
        f"case when w.size <= {limit} then w.o{column} end as o{column}" if column in texts else f"w.o{column}"
        for column in range(width)
    ]
    # `offset 0` keeps the planner from making each JSON twice, once to measure it and once to give it out.
    measured = f"select i.*, {size} as size from ({statement.text} offset 0) i"
    return replace(
        statement,
        text=f"select {', '.join(outputs)}, w.size as o{width} from ({measured}) w",
        binders=(*statement.binders, answer_bytes_max),
        size=width,
    )
