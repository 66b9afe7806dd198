"""How generated modules make their datasets, of whichever client they are given."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeAlias

from publicgsb_sdk.dataset import Dataset
from publicgsb_sdk.drift import Expected
from publicgsb_sdk.expressions import Condition
from publicgsb_sdk.typed import TypedDataset

Group: TypeAlias = Condition | Mapping[str, Any]


def typed(client: Any, name: str, version: str, sha256: str, shape: Mapping[str, str], *, strict: bool) -> Any:
    """`agency.dataset` of the client, held to the contract of that hash whenever it is read."""
    plain = client.dataset(name)
    parts = {part.name: getattr(plain, part.name) for part in fields(plain)}
    kind: Any = TypedDataset
    if not isinstance(plain, Dataset):
        from publicgsb_sdk.asynchronous.typed import AsyncTypedDataset  # noqa: PLC0415 - asyncio for whom it serves

        kind = AsyncTypedDataset
    return kind(**parts, _expected=Expected(version, sha256, shape, strict))
