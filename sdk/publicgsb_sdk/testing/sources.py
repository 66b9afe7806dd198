"""Where contracts come from: files, folders, documents, and what the service published."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, cast

from publicgsb_sdk.contract import Contract
from publicgsb_sdk.errors import MissingExtra
from publicgsb_sdk.testing.declared import page_of
from publicgsb_sdk.testing.model import MockContract
from publicgsb_sdk.testing.published import read_page
from publicgsb_sdk.testing.refusals import MockSetup

Source: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any]"
SUFFIXES = (".yaml", ".yml", ".json")
WAYS = "Give the path of a YAML or JSON file, of a folder of them, or the document itself: a dict."
SHOWN = 80
INSTALL = "pip install publicgsb-sdk[testing]"


def read_contracts(sources: "Source | Iterable[Source]") -> list[MockContract]:
    """Every contract, once. Raises MockSetup that says which source cannot be read."""
    found: dict[tuple[str, str], MockContract] = {}
    for document in (one for source in _each(sources) for one in _documents(source)):
        contract = read_page(document if "contract" in document else page_of(document))
        if contract.name in found:
            raise MockSetup(f"{contract.id} was given twice.", hint="Give one contract for each dataset.")
        found[contract.name] = contract
    if not found:
        raise MockSetup("There is no contract.", hint="Give a file, a folder, or documents.")
    return list(found.values())


def _each(sources: Any) -> Iterable[Any]:
    """What is given is whatever a test gives."""
    is_one = isinstance(sources, str | bytes | os.PathLike | Mapping) or not isinstance(sources, Iterable)
    return [sources] if is_one else cast(Iterable[Any], sources)


def _documents(source: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(source, Contract):
        raise MockSetup(
            "A Contract of the SDK does not say by which columns its links lead and what its keys are.",
            hint="Save the published page: python -m publicgsb_sdk.testing record agency.dataset --into contracts",
        )
    if isinstance(source, Mapping):
        yield cast(Mapping[str, Any], source)
        return
    for path in _files(source):
        yield _read(path)


def _files(source: Any) -> list[Path]:
    """The file, or those of the folder."""
    if isinstance(source, str) and len(source.splitlines()) > 1:
        raise MockSetup("This is the text of a contract, and no path.", hint=WAYS)
    try:
        path = Path(source)
        if not path.is_dir():
            return [path]
        files = sorted(one for one in path.iterdir() if one.suffix in SUFFIXES)
    except TypeError:
        raise MockSetup(f"{type(source).__name__} is no contract.", hint=WAYS) from None
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from error
    if not files:
        raise MockSetup(f"There is no contract in {path}.", hint=f"Its files end with {', '.join(SUFFIXES)}.")
    return files


def _read(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    try:
        found = json.loads(text) if path.suffix == ".json" else _yaml(text)
    except ValueError as error:
        raise MockSetup(f"{path} is not well-formed: {error}.", hint="Its ending says whether it is JSON.") from error
    if not isinstance(found, dict):
        raise MockSetup(f"{path} holds no contract: it is one object.", hint=WAYS)
    return cast(Mapping[str, Any], found)


def _unreadable(source: Any, error: Exception) -> MockSetup:
    """What is no path (it is too long for one, or holds a NUL) may be anything, so it is told in part."""
    shown = str(source) if len(str(source)) < SHOWN else f"{str(source)[:SHOWN]}…"
    why = error.strerror if isinstance(error, OSError) else error
    return MockSetup(f"{shown} cannot be read: {why}.", hint=WAYS)


def _yaml(text: str) -> Any:
    """As the service reads it: NO is Norway, and 2013-01-01 is a text."""
    try:
        import yaml  # noqa: PLC0415 - of the extra, and only for YAML
    except ImportError as error:
        raise MissingExtra(f"Contracts in YAML need: {INSTALL}") from error

    class Loader(yaml.SafeLoader):
        """Without dates, and with true and false alone for truths."""

    Loader.yaml_implicit_resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if not tag.endswith(":timestamp") and (not tag.endswith(":bool") or first in "tTfF")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a SafeLoader by descent
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
