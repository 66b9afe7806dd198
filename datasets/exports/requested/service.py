"""Asking for some fields and rows of a release as a file: checked at once, made by the jobs process."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.exports.model import FileFormat
from publicgsb.datasets.exports.requested import store
from publicgsb.datasets.exports.requested.filtering import read_conditions, where_sql
from publicgsb.datasets.exports.requested.model import KEPT, KEPT_BYTES_MAX, KEPT_MAX, WAITING_MAX, ExportRequest
from publicgsb.datasets.exports.writing import Source
from publicgsb.datasets.file_access import file_levels
from publicgsb.datasets.files import file_columns
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, RateLimited
from publicgsb.platform.kernel.ids import random_base62


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of a release, not yet looked at."""

    format: FileFormat
    fields: tuple[str, ...]  # empty: all of the files
    where: Mapping[str, Any]


def source_of(entry: DatasetEntry, release: ReleaseRef, asked: Asked) -> Source:
    """Raises InvalidRequest for a field or condition that is none of the files'."""
    columns = file_columns(release)
    by_name = {column.name: column for column in columns}
    unknown = [name for name in asked.fields if name not in by_name]
    if unknown:
        raise InvalidRequest(
            f"{unknown[0][:100]} is no field of the files of {entry.name}.",
            reason="fields",
            hint=f"Its fields: {', '.join(by_name)}."[:500],
        )
    if len(set(asked.fields)) != len(asked.fields):
        raise InvalidRequest("A field is named twice.", reason="fields")
    shown = tuple(by_name[name] for name in asked.fields) or columns
    where, arguments = where_sql(read_conditions(asked.where, columns), columns)
    return Source(entry, release, shown, where, arguments)


def touched_levels(
    entry: DatasetEntry, release: ReleaseRef, fields: tuple[str, ...], where: Mapping[str, Any]
) -> dict[str, AccessLevel]:
    """Of each field that is shown or decides what is. Raises Withheld for a release with one that is so by now."""
    levels = file_levels(entry, release)
    if release.contract.is_aggregate_only:
        return levels  # a sum is no field, and stands for one
    touched = {*(fields or levels), *where}
    return {name: level for name, level in levels.items() if name in touched}


async def submit(
    connections: Connections, caller: Caller, entry: DatasetEntry, release: ReleaseRef, asked: Asked, key: str
) -> tuple[ExportRequest, bool]:
    """The request, and whether it is new: the same key with the same wish gives the first again, else Conflict."""
    source = source_of(entry, release, asked)
    fields = tuple(column.name for column in source.columns)
    async with connections.transaction() as connection:
        await store.lock_account(connection, caller.account)
        before = await store.by_idempotency_key(connection, caller.account, key)
        if before is not None:
            wish = (before.release_id, before.format, before.fields, before.conditions)
            if wish != (release.id, asked.format, fields, dict(asked.where)):
                raise Conflict(
                    "This Idempotency-Key was used before for another export.",
                    hint="Send a new key with a new wish.",
                    reason="idempotency_key",
                )
            return before, False
        if await store.waiting(connection, caller.account) >= WAITING_MAX:
            raise RateLimited(
                f"{WAITING_MAX} exports are waiting already.",
                reason="exports",
                hint="Ask again when one of them is made.",
                retry_after_seconds=10,
            )
        await _refuse_too_many(connection, caller.account)
        request_id = f"exp_{random_base62(22)}"
        where = dict(asked.where)
        await store.insert(connection, request_id, caller, key, entry.id, release.id, asked.format, fields, where)
        after = {"export": request_id, "release": release.seq, "format": asked.format.value}
        actor = f"person:{caller.person_id} key:{caller.key_id}"
        await record(connection, actor, "export.request", entry.name, before=None, after=after)
        made = await store.by_id(connection, request_id)
    assert made is not None
    return made, True


async def _refuse_too_many(connection: Connection, account: tuple[int, int]) -> None:
    """What is kept takes disk, whoever downloads it."""
    requests, size, first = await store.kept(connection, account, KEPT.total_seconds())
    if requests < KEPT_MAX and size < KEPT_BYTES_MAX:
        return
    left = (first + KEPT - datetime.now(UTC)).total_seconds() if first else 0.0
    raise RateLimited(
        f"{requests} exports of {size} bytes are kept already; at most {KEPT_MAX} or {KEPT_BYTES_MAX} bytes are.",
        reason="exports",
        hint="Each goes a day after it was made; download the ones that are there.",
        retry_after_seconds=max(10, math.ceil(left)),
    )
