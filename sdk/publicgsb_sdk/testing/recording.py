"""Contracts of a real service saved as files, for tests that run without it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2

from publicgsb_sdk import settings
from publicgsb_sdk.answers import read_json, understood
from publicgsb_sdk.call import Call
from publicgsb_sdk.deadline import Times
from publicgsb_sdk.query import dataset_id
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.transport import Transport
from publicgsb_sdk.version import __version__


def record(datasets: Iterable[str], into: Path, base_url: str | None = None) -> list[Path]:
    """The published pages of the datasets, and of all that they link to, as `agency__dataset.json`.

    Contracts are public, so no key is sent; no row is in them. The address is `PGSB_URL` unless it is given.
    """
    into.mkdir(parents=True, exist_ok=True)
    waiting = [dataset_id(name) for name in datasets]
    written: dict[str, Path] = {}
    with settings.opened(httpx2.Client) as http:
        headers = {"user-agent": f"publicgsb-sdk/{__version__}"}
        transport = Transport(http, settings.address(base_url), headers, Times(30.0, 120.0), Rule(2))
        while waiting:
            name = waiting.pop()
            if name not in written:
                page = _page(transport, name)
                targets = understood(f"a contract of {name}", _targets, page)
                written[name] = into / f"{name.replace('/', '__')}.json"
                text = json.dumps(page, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
                written[name].write_text(text, encoding="utf-8")
                waiting += targets
    return list(written.values())


def _targets(page: Any) -> list[str]:
    """The datasets that it links to."""
    return [link["to"] for link in page["contract"]["links"]]


def _page(transport: Transport, name: str) -> dict[str, Any]:
    agency, _, dataset = name.partition("/")
    found: dict[str, Any] = read_json(transport.send(Call("GET", f"/api/v1/agencies/{agency}/datasets/{dataset}")))
    return found
