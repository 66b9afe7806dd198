"""A person at /explore in Debian's Chromium, by tests/node/explore.js."""

import json
import os
from typing import Any

from tests.debian import program
from tests.node_tools import run_node


def explore(url: str, key: str, dataset: str, kind: str, **more: Any) -> dict[str, Any]:
    """What was seen: price, answer, requests, problems, what the browser kept."""
    os.environ["CHROMIUM"] = program("chromium", "chromium")
    asked = {"url": url, "key": key, "dataset": dataset, "kind": kind, **more}
    seen: dict[str, Any] = run_node("explore.js", json.dumps(asked))
    return seen
