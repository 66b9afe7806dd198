"""Our pages in Debian's Chromium: a person at /explore (tests/node/explore.js), a phone (tests/node/site.js)."""

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


def too_wide_on_a_phone(url: str, pages: list[str]) -> list[str]:
    """Those that have to be pushed sideways to be read; none may break or want anything that is not there."""
    os.environ["CHROMIUM"] = program("chromium", "chromium")
    seen = run_node("site.js", json.dumps({"url": url, "pages": pages, "width": 390, "height": 844}))
    assert seen["problems"] == []
    wide: list[str] = seen["wide"]
    return wide
