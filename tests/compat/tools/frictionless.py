"""Frictionless reads a release by the descriptor that lies beside its files, and validates it."""

import importlib.metadata

from tests.compat.ground import Ground
from tests.compat.reading import CHECKED, check_by_python
from tests.compat.tool import Kind, Tool

SNIPPET = """
import os, frictionless

package = frictionless.Package(os.environ["PGSB_URL"] + "/files/interior/villages/latest/datapackage.json")
table = package.resources[0]
rows, report = table.read_rows(), table.validate()
"""

PROOF = """
assert report.valid, report.flatten(["type", "note"])
tell({name: [row[name] for row in rows] for name in table.schema.field_names})
"""


def check(ground: Ground, snippet: str) -> None:
    check_by_python(ground, snippet, PROOF)


TOOL = Tool(
    "Frictionless",
    Kind.READING,
    lambda _: importlib.metadata.version("frictionless"),
    "python",
    SNIPPET,
    f"{CHECKED}; the release is valid by its own descriptor, hash and key included",
    check,
)
