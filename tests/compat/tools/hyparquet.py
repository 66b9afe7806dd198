"""hyparquet: Parquet in a page or in Node, without anything compiled."""

from datetime import datetime
from typing import Any

from tests.compat.columns import told
from tests.compat.ground import Ground
from tests.compat.reading import CHECKED, check_columns, snippets
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
import { asyncBufferFromUrl, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

const url = `${process.env.PGSB_URL}/files/interior/villages/1/part-00001.parquet`;
const requestInit = { headers: { "X-API-Key": process.env.PGSB_API_KEY } };
const rows = await parquetReadObjects({ file: await asyncBufferFromUrl({ url, requestInit }), compressors });
"""

PROOF = """
const names = Object.keys(rows[0]);
const columns = names.map((name) => [name, rows.map((row) => row[name] ?? null)]);
process.stdout.write(JSON.stringify(Object.fromEntries(columns)));
"""


def check(ground: Ground, snippet: str) -> None:
    for dataset, program in snippets(snippet).items():
        columns = ground.node(program, PROOF)
        if "time_hour" in columns:
            columns["time_hour"] = [_moment(one) for one in columns["time_hour"]]
        check_columns(ground, dataset, told(columns))


def _moment(value: Any) -> datetime:
    """A Date of JavaScript, as its JSON has it."""
    return datetime.fromisoformat(value)


TOOL = Tool(
    "hyparquet",
    Kind.READING,
    lambda _: version("hyparquet"),
    "js",
    SNIPPET,
    CHECKED,
    check,
    "Moments are `Date` objects.",
)
