"""Examples in docstrings run, of both halves; every public name has one, and every call says how it can fail."""

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import json
import sys
import time
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import griffe
import httpx2
import pytest
from docs.site import reference
from docs.site.pages import REFERENCE
from tests.sdk import example_agency, example_contracts
from tests.sdk.conftest import KEY, URL
from tests.sdk.example_agency import AGENCY_KEY
from tests.sdk.example_service import ExampleService, signed_by

import publicgsb_sdk
from publicgsb_sdk import AsyncClient, AsyncPublisher, Client, Publisher, testing, webhooks
from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.errors import BY_CODE
from publicgsb_sdk.references import typed

RECORDED = json.loads((Path(__file__).parent / "recorded" / "signed_answer.json").read_text(encoding="utf-8"))
BODY = json.dumps({"type": "release.published", "timestamp": "2026-11-27T10:00:00Z", "data": {"release": 3}}).encode()
QUESTION = {
    "document": RECORDED["document"],
    "variables": RECORDED["variables"],
    "operation_name": RECORDED["operationName"],
}
OLD, NEW = "whsec_b2xk", "whsec_bmV3"
STATUSES = {"NOT_PERMITTED": 403, "NOT_FOUND": 404, "CONFLICT": 409, "QUERY_TOO_COSTLY": 400, "WITHHELD": 403} | {
    "RELEASE_GONE": 410,
    "RELEASE_RECALLED": 410,
    "DATASET_WITHDRAWN": 410,
    "UNAVAILABLE": 503,
    "INTERNAL": 500,
    "RATE_LIMITED": 429,
    "QUOTA_EXHAUSTED": 429,
}
REFUSED = {kind.__name__: code for code, kind in BY_CODE.items() if code in STATUSES} | {"ApiError": "INTERNAL"}
FAILS_IN_NO_WAY_OF_ITS_OWN = {
    *("limits", "whoami", "close", "list", "search", "where", "select", "order_by", "near", "releases", "quality"),
    *("settle", "matches", "is_in_file", "receipt", "in_", "is_null", "contains", "starts_with", "fold"),
    *("with_clock", "field_of", "transport", "monotonic", "sleep", "async_sleep"),
}


def every_object() -> Iterator[tuple[str, griffe.Object]]:
    """Each public name, and each method and property of a class of them."""
    for name in (name for group in REFERENCE for name in group.names):
        told = reference.found(name)
        yield name, told
        if isinstance(told, griffe.Class):
            yield from ((f"{name}.{member.name}", member) for member in reference.members(told))


OBJECTS = dict(every_object())
WITH_EXAMPLES = sorted(name for name, told in OBJECTS.items() if told.docstring and ">>>" in told.docstring.value)

CALLS = sorted(name for name, told in OBJECTS.items() if isinstance(told, griffe.Function))
NAMES = {name for group in REFERENCE for name in group.names}
ERRORS = {name.rpartition(".")[2] for name in NAMES}


@pytest.fixture
def service() -> ExampleService:
    return ExampleService()


@pytest.fixture
def names(service: ExampleService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the examples may speak of, in a folder with the files that they send."""
    example_agency.write_files(tmp_path)
    example_contracts.write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGSB_AGENCY_KEY", AGENCY_KEY)
    with warnings.catch_warnings():
        public = {name: getattr(publicgsb_sdk, name) for name in publicgsb_sdk.__all__}

    def generated(client: Any, *, strict: bool = False) -> Any:
        return typed(client, "aviation.airports", "0.9.0", "0b1d", {"icao": "string!"}, strict=strict)

    return {
        **public,
        **{name: getattr(testing, name) for name in testing.__all__},
        "service": testing.MockService("contracts", records=2),
        "httpx2": httpx2,
        "webhooks": webhooks,
        "FieldType": FieldType,
        "date": date,
        "time": time,
        "warnings": warnings,
        "folder": tmp_path,
        "airports": SimpleNamespace(dataset=generated),
        "key": KEY,
        "agency_key": AGENCY_KEY,
        "body": BODY,
        "headers": signed_by(NEW, BODY, int(time.time())),
        "old_secret": OLD,
        "secret": NEW,
        "answer": RECORDED["body"].encode(),
        "signature": RECORDED["signature"],
        "key_set": RECORDED["jwks"],
        "document": RECORDED["document"],
        "variables": RECORDED["variables"],
        "question": QUESTION,
    }


def as_told(service: ExampleService, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the example of an error the service does what raises it."""
    if name in REFUSED:
        service.refusal = (STATUSES[REFUSED[name]], REFUSED[name])
    if name.endswith(".with_clock"):
        service.refusal = (503, "UNAVAILABLE")
    service.is_file_good = name not in ("FileRefused", "publishing.told.FileError")
    service.is_changed_on_the_way = name == "IntegrityError"
    service.delay_seconds = 0.05 if name == "DeadlineExceeded" else 0.0
    if name == "MissingExtra":
        monkeypatch.setitem(sys.modules, "polars", None)
    if name == "DatasetDeprecated":
        service.contract |= {"state": "deprecated", "deprecation": {"sunsetOn": "2027-01-01"}}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
async def test_an_example_does_what_it_says(
    name: str, service: ExampleService, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_told(service, name, monkeypatch)
    docstring = OBJECTS[name].docstring
    assert docstring is not None
    transport = httpx2.MockTransport(service)
    if name.startswith("Async"):
        async with httpx2.AsyncClient(transport=transport) as http:
            gsb = AsyncClient(KEY, URL, http_client=http, max_retries=0)
            agency = AsyncPublisher(AGENCY_KEY, URL, http_client=http, max_retries=0)
            await run(docstring.value, names | {"gsb": gsb, "agency": agency})
    else:
        with httpx2.Client(transport=transport) as http:
            known = names | {
                "gsb": Client(KEY, URL, http_client=http, max_retries=0),
                "agency": Publisher(AGENCY_KEY, URL, http_client=http, max_retries=0),
            }
            await asyncio.to_thread(asyncio.run, run(docstring.value, known))


@pytest.mark.parametrize(
    "name", sorted(name for name, told in OBJECTS.items() if not isinstance(told, griffe.Attribute))
)
def test_a_name_that_is_called_or_held_has_an_example(name: str) -> None:
    assert name in WITH_EXAMPLES


@pytest.mark.parametrize("name", CALLS)
def test_a_call_says_how_it_fails(name: str) -> None:
    told = OBJECTS[name]
    kinds = [kind for kind, _ in reference.raised(told)]
    assert all(kind in ERRORS for kind in kinds)
    assert bool(kinds) != (name.rpartition(".")[2] in FAILS_IN_NO_WAY_OF_ITS_OWN), kinds


async def run(docstring: str, names: dict[str, Any]) -> None:
    """As doctest does, with an `await` wherever Python's own prompt of asyncio takes one."""
    checker, flags = doctest.OutputChecker(), doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for example in doctest.DocTestParser().get_examples(docstring):
        code = compile(example.source, "<example>", "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            try:
                found = eval(code, names)
                if inspect.iscoroutine(found):
                    await found
            except Exception as error:
                if example.exc_msg is None:
                    raise
                shown.write(f"{type(error).__name__}: {error}\n")
        wanted = example.exc_msg or example.want
        assert checker.check_output(wanted, shown.getvalue(), flags), f"{example.source}{wanted}--\n{shown.getvalue()}"
