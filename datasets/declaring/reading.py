"""A contract in the body of a request: of bounded size and depth, and all that is wrong with it told at once."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
from starlette.requests import Request

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.problems import Problems
from publicgsb.datasets.contracts.yaml import FILE_BYTES_MAX, read_text
from publicgsb.datasets.declaring.patterns import check_patterns
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.texts import is_storable

JSON = "application/json"
YAML_BYTES_MAX = 128 * 1024  # a second of a core; JSON is read a hundred times faster
BYTES_MAX = {
    JSON: FILE_BYTES_MAX,
    "application/yaml": YAML_BYTES_MAX,
    "application/x-yaml": YAML_BYTES_MAX,
    "text/yaml": YAML_BYTES_MAX,
}


async def body_of(request: Request) -> tuple[str, bytes]:
    """The media type and the bytes, refused before more than is allowed are kept."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    bytes_max = BYTES_MAX.get(media_type)
    if bytes_max is None:
        raise InvalidRequest(
            f"The body must be one of {', '.join(BYTES_MAX)}.",
            hint="Send the contract itself, with its Content-Type.",
            reason="media_type",
            status=415,
        )
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > bytes_max:
            raise InvalidRequest(
                f"A contract as {media_type} has at most {bytes_max} bytes.",
                hint=f"As {JSON} it may have {FILE_BYTES_MAX}." if bytes_max < FILE_BYTES_MAX else None,
                reason="body_bytes",
                status=413,
            )
    return media_type, bytes(raw)


def contract_in(media_type: str, raw: bytes, agency: str, dataset: str) -> Contract:
    """Takes up to seconds of a core: not for an event loop. Raises InvalidRequest alone, whatever the bytes are."""
    try:
        document = _document(media_type, raw)
        _refuse_unstorable(document)
        return _parsed(document, agency, dataset)
    except RecursionError:
        raise InvalidRequest("The contract is nested too deeply.", reason="contract") from None


def _document(media_type: str, raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequest("The contract is not UTF-8.", reason="contract") from None
    if media_type != JSON:
        return read_text(text)
    try:
        orjson.loads(text)  # bounds the depth, and refuses NaN and halves of characters, which json takes
        document = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        raise InvalidRequest(f"The contract is not well-formed JSON: {str(error)[:200]}.", reason="contract") from None
    if not isinstance(document, dict):
        raise InvalidRequest("The contract must be one object.", reason="contract")
    return document


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise ValueError(f"{name[:100]} is given twice")
        found[name] = value
    return found


def _refuse_unstorable(document: dict[str, Any]) -> None:
    problems = Problems("malformed")
    for place in _unstorable(document):
        problems.add(
            place, "holds a NUL or half a character.", "نویسهٔ NUL یا نیمی از یک نویسه دارد.", "Remove that character."
        )
    problems.raise_if_any()


def _unstorable(value: Any) -> Iterator[str]:
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        place, one = waiting.pop()
        if isinstance(one, str) and not is_storable(one):
            yield place
        elif isinstance(one, dict):
            for name, member in one.items():
                if is_storable(str(name)):
                    waiting.append((f"{place}.{name}"[-100:].lstrip("."), member))
                else:
                    yield place
        elif isinstance(one, list):
            waiting += [(f"{place}[{at}]"[-100:], member) for at, member in enumerate(one)]


def _parsed(document: dict[str, Any], agency: str, dataset: str) -> Contract:
    """The contract of the dataset that the address names, and of no other."""
    besides = Problems()
    for name, expected in (("agency", agency), ("dataset", dataset)):
        if isinstance(document.get(name), str) and document[name].strip() != expected:
            besides.add(
                name,
                f"must be {expected[:100]}, as in the address.",
                "باید همان باشد که در نشانی آمده است.",
                "Correct it, or send it to the address of its own dataset.",
                "address",
            )
    try:
        contract = parse(document)
    except InvalidRequest as refusal:
        refusal.details["problems"] = [*besides.told(), *refusal.details.get("problems", ())]
        raise
    check_patterns(contract, besides)
    besides.raise_if_any()
    return contract
