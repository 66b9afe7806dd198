"""rdflib reads the catalogue as linked data (DCAT-AP 3), as portals do that harvest it."""

import importlib.metadata
import json

import httpx2

from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool

SNIPPET = """
import os, rdflib

graph = rdflib.Graph().parse(os.environ["PGSB_URL"] + "/catalog.jsonld", format="json-ld")
asked = "select ?title where { ?dataset a dcat:Dataset; dct:title ?title . filter(lang(?title) = 'fa') }"
titles = sorted(str(row.title) for row in graph.query(asked))
"""

PROOF = """
import json
sizes = graph.query("select ?size where { ?file a dcat:Distribution; dcat:byteSize ?size }")
print(json.dumps([titles, sorted(int(row.size) for row in sizes)]))
"""


def check(ground: Ground, snippet: str) -> None:
    """The same titles and sizes as the catalogue that is plain JSON has."""
    titles, sizes = ground.python(snippet, PROOF)
    catalogue = json.loads(httpx2.get(f"{ground.url}/catalog.json", timeout=60).text)
    datasets = [dataset for agency in catalogue["agencies"] for dataset in agency["datasets"]]
    assert titles == sorted(dataset["title"]["fa"] for dataset in datasets)
    assert sizes == sorted(file["bytes"] for dataset in datasets for file in dataset["distributions"])


TOOL = Tool(
    "rdflib",
    Kind.AROUND,
    lambda _: importlib.metadata.version("rdflib"),
    "python",
    SNIPPET,
    "the Persian titles of all datasets, and the sizes of all files, are those of `/catalog.json`",
    check,
)
