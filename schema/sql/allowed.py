"""What the SQL of this folder may consist of, as data to be reviewed: whatever is not here is not emitted.

tests/sql_audit.py parses every statement of a test run and holds it against these lists. A new function is a new line.
"""

from publicgsb.datasets.ingest.jalali import CALENDAR_DAYS, CYCLE_DAYS, CYCLE_YEARS, YEAR_MIN

# None of them reads a file, a setting, another table or the clock, none writes, and none waits.
FUNCTIONS = frozenset(
    {
        "abs",
        "array_agg",
        "array_to_json",
        "asin",
        "box",
        "convert_to",
        "cosd",
        "count",
        "date_part",
        "date_trunc",
        "encode",
        "format",
        "generate_series",
        "json_agg",
        "json_build_array",
        "left",
        "max",
        "min",
        "octet_length",  # of the JSON as a whole: the largest answer
        "pg_relation_size",  # of the released table itself: how many pages a sample is drawn from
        "public.word_similarity",  # of pg_trgm
        "point",
        "power",
        "record_image_ne",
        "round",
        "row_number",
        "row_to_json",
        "sha256",
        "sind",
        "sqrt",
        "sum",
        "to_char",
        "translate",
        "trim_scale",
        "unnest",
    }
)

# `~~` is LIKE; `%>` is pg_trgm's, by its name in its schema: the one that runs may not depend on a search path.
# `<@` is "lies in the box" of core geometry.
OPERATORS = frozenset(
    {"=", "<", ">", "<=", ">=", "<>", "||", "+", "-", "*", "/", "%", "BETWEEN", "~~", "<@", "public.%>"}
)

TYPES = frozenset(
    {
        "bool",
        "bytea",
        "date",
        "float8",
        "int4",
        "int8",
        "json",
        "numeric",
        "text",
        "tid",
        "timestamp",
        "timestamptz",
    }
)

SCHEMAS = frozenset({"released"})  # of tables

# Beside these a statement holds the names of GraphQL types, for __typename, and no text at all.
TEXTS = frozenset(
    {
        "",  # what stands for an absent text in an order: datasets/releases/ordering.py
        "0",
        "0001-01-01",
        "0001-01-01 00:00:00+00",
        "[]",
        "{}",
        "UTF8",
        "hex",
        "base64",
        "+/=\n",  # cursors: base64 in its form for URLs
        "-_",
        "month",  # periods of groups: schema/sql/calendar.py
        "year",
        "YYYY-MM",
        '"-"FM00',
    }
)

NUMBERS = frozenset(
    {
        0,
        1,
        2,  # to 8: members of an array, a square, a half, digits of a distance
        3,
        4,
        5,
        6,
        7,
        8,  # characters of a cursor's tag
        *(10, 250, 1_000, 999_999, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000),  # ranks of a search
        1_001,  # the largest page, and one record more
        10_000,  # the highest exact count
        10_001,
        20,  # decimal places of a mean
        CYCLE_YEARS - 1,  # the Jalali calendar
        CYCLE_YEARS,
        CYCLE_DAYS,
        CALENDAR_DAYS,
        YEAR_MIN,
        12,
        30,
        31,
    }
)
