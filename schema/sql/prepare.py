"""From a plan to a statement that can run: each slot bound to a release at one registry version per root field."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import ref

from publicgsb.datasets.registry import DatasetEntry, DatasetState, Registry, ReleaseRef
from publicgsb.platform.kernel.errors import DatasetWithdrawn, GsbError
from publicgsb.schema.planning.limits import PREPARED_MAX, STATEMENTS_MAX
from publicgsb.schema.planning.model import FieldError, Plan, Root
from publicgsb.schema.planning.tree.changes import Changes
from publicgsb.schema.planning.values import Leaf, Variables
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.builder import Statement, build, build_look_up, is_look_up
from publicgsb.schema.sql.cap import capped
from publicgsb.schema.sql.context import Trails
from publicgsb.schema.sql.cursor import Cursor, bad_cursor, changes_versions, read_cursor
from publicgsb.schema.sql.endings import ending_headers
from publicgsb.schema.sql.short import short_looks
from publicgsb.schema.sql.terms import as_member, combined_terms

_BYTES_EACH = 2_000  # of a statement beside its text


@dataclass(frozen=True, slots=True)
class Prepared:
    """`statement` is None when no root field could be bound; `receipt` is the JSON of extensions.receipt.

    `versions`, by root field, are where the state that it reads began, so that a cursor made again later, when other
    datasets have moved on, is the same to the byte. `state` is all that an answer depends on besides its operation and
    the variables: releases and contracts by slot, and those versions.
    """

    statement: Statement | None
    releases: tuple[ReleaseRef | None, ...]
    versions: tuple[tuple[int, int], ...]  # by root field, by side
    errors: tuple[FieldError, ...]
    receipt: bytes
    touched: tuple[tuple[int, int], ...]  # (dataset id, release id), each once
    state: tuple[tuple[int | str, ...], ...] = ()
    notice: tuple[tuple[bytes, bytes], ...] = ()  # of datasets on their way out; under one registry it stays as it is
    terms: bytes = b""  # a member to stand behind the receipt, where datasets are combined


def read_cursors(plan: Plan, variables: Variables, secret: bytes) -> dict[Leaf, Cursor]:
    """Every cursor of the operation, checked."""
    return {after: read_cursor(after.get(variables), secret) for root in plan.roots for after in root.afters}


def prepare(plan: Plan, registry: Registry, variables: Variables, cursors: dict[Leaf, Cursor]) -> Prepared:
    """Raises nothing for a release that cannot be read: that is an error of its root field, the others answer."""
    pins = _pins(plan, variables, cursors)
    shorts = short_looks(plan, variables) if plan.looks else frozenset()
    if shorts and pins is not None:
        pins = (*pins, shorts)
    if plan.current is None or plan.current[0]() is not registry:
        plan.current = (ref(registry), OrderedDict())
    known: OrderedDict[Any, Prepared] = plan.current[1]
    prepared = known.get(pins) if pins is not None else None
    if prepared is not None:
        known.move_to_end(pins)
        return prepared
    prepared = _prepare(plan, registry, variables, cursors, shorts)
    if pins is not None:
        known[pins] = prepared
        if len(known) > PREPARED_MAX:
            known.popitem(last=False)
    return prepared


def _pins(plan: Plan, variables: Variables, cursors: dict[Leaf, Cursor]) -> tuple[Any, ...] | None:
    """What says at which versions the roots are read, beside the registry; None where that is not told by a few words.

    Without it each page behind a cursor would be bound anew and its receipt written anew.
    """
    if not plan.is_pinned:
        return ()
    if any(root.since is not None for root in plan.roots):
        return None
    return tuple(
        (
            root.release.get(variables) if root.release is not None else None,
            tuple([cursors[after].version for after in root.afters]),
        )
        for root in plan.roots
    )


def _prepare(
    plan: Plan, registry: Registry, variables: Variables, cursors: dict[Leaf, Cursor], shorts: frozenset[Leaf]
) -> Prepared:
    versions: list[tuple[int, int]] = []
    releases: list[ReleaseRef | None] = [None] * len(plan.slots)
    errors: list[FieldError] = list(plan.errors)
    for index, root in enumerate(plan.roots):
        if root.is_withheld:
            versions.append((registry.version, registry.version))
            continue
        try:
            versions.append(_versions(root, registry, variables, cursors))
            _bind(plan, registry, index, versions[index], releases, errors)
            _check_since(plan, index, variables, releases)
            versions[index] = _began(plan, registry, index, versions[index], releases)
        except GsbError as error:
            versions[index:] = [(registry.version, registry.version)]
            _unbind(plan, index, releases)
            errors.append(FieldError(root.path, error))
    bound = tuple(releases)
    trails = _trails(plan, registry, bound)
    ids = tuple(release.id if release else 0 for release in bound)
    for index, trail in trails.items():
        ids += (-1 - index, *(release.id for release in trail))
    contracts = tuple(registry.datasets[slot.dataset].contract.sha256 for slot in plan.slots)
    return Prepared(
        _remembered(plan, ids, bound, trails, shorts),
        bound,
        tuple(versions),
        tuple(errors),
        _receipt(bound),
        _touched(bound),
        (ids, tuple(version for pair in versions for version in pair), contracts),
        ending_headers(registry.datasets[slot.dataset] for slot in plan.slots),
        as_member(combined_terms(release.contract for release in bound if release is not None)),
    )


def _remembered(
    plan: Plan,
    ids: tuple[int, ...],
    bound: tuple[ReleaseRef | None, ...],
    trails: Trails,
    shorts: frozenset[Leaf],
) -> Statement | None:
    """Callers choose releases, and releases come and go, so a plan keeps the statements that were used last."""
    key = (ids, shorts) if shorts else ids
    if key in plan.statements:
        plan.statements.move_to_end(key)
    else:
        made = plan.statements[key] = _statement(plan, bound, trails, shorts)
        plan.statement_bytes += _bytes_of(made)
        if len(plan.statements) > STATEMENTS_MAX:
            plan.statement_bytes -= _bytes_of(plan.statements.popitem(last=False)[1])
    statement: Statement | None = plan.statements[key]
    return statement


def _statement(
    plan: Plan, bound: tuple[ReleaseRef | None, ...], trails: Trails, shorts: frozenset[Leaf]
) -> Statement | None:
    if not any(bound[root.slot] for root in plan.roots):
        return None
    return capped(build_look_up(plan, bound) if is_look_up(plan) else build(plan, bound, trails, shorts))


def _bytes_of(statement: Statement | None) -> int:
    """With its binders and what it was bound by: 70 KB for a text of 35 (measured)."""
    return _BYTES_EACH + (2 * len(statement.text) if statement is not None else 0)


def arguments(statement: Statement, bound: Bound) -> list[Any]:
    return [bind(bound) for bind in statement.binders]


def newest_version(cursors: dict[Leaf, Cursor]) -> int:
    return max((cursor.version for cursor in cursors.values()), default=0)


def _versions(root: Root, registry: Registry, variables: Variables, cursors: dict[Leaf, Cursor]) -> tuple[int, int]:
    """By side; both are one unless the root field is a change feed."""
    if root.since is None:
        version = _version(root, registry, variables, cursors)
        return version, version
    entry = registry.datasets[root.dataset]
    if root.afters:
        return changes_versions(cursors[root.afters[0]], entry.contract)
    since = _version_of(root.since.get(variables), registry, entry)
    return _version(root, registry, variables, cursors), since


def _check_since(plan: Plan, index: int, variables: Variables, releases: list[ReleaseRef | None]) -> None:
    """A number beside a cursor must be the cursor's own; a date or "latest" is what it was on the first page."""
    body, since = plan.roots[index].body, plan.roots[index].since
    if since is None or not isinstance(body, Changes):
        return
    seq, bound = since.get(variables), releases[body.since_slot]
    if isinstance(seq, int) and bound is not None and bound.seq != seq:
        raise bad_cursor(f"The cursor goes on from release {bound.seq}, not {seq}.")


def _trails(plan: Plan, registry: Registry, bound: tuple[ReleaseRef | None, ...]) -> Trails:
    """Part of what a statement is remembered by: a release on the way may be gone before the two at its ends."""
    found: dict[int, tuple[ReleaseRef, ...]] = {}
    for index, root in enumerate(plan.roots):
        if isinstance(root.body, Changes):
            now, since = bound[root.body.slot], bound[root.body.since_slot]
            trail = registry.datasets[root.dataset].trail(now, since) if now and since else None
            if trail:
                found[index] = trail
    return found


def _unbind(plan: Plan, index: int, releases: list[ReleaseRef | None]) -> None:
    for number, slot in enumerate(plan.slots):
        if slot.root == index:
            releases[number] = None


def _version(root: Root, registry: Registry, variables: Variables, cursors: dict[Leaf, Cursor]) -> int:
    if root.release is not None:
        return _version_of(root.release.get(variables), registry, registry.datasets[root.dataset])
    versions = {cursors[after].version for after in root.afters}
    if len(versions) > 1:
        raise bad_cursor("The cursors under one root field come from different states of the data.")
    return versions.pop() if versions else registry.version


def _version_of(release: int | date | str | None, registry: Registry, entry: DatasetEntry) -> int:
    if release is None or isinstance(release, str):  # "latest"
        return registry.version
    if isinstance(release, date):
        return registry.version_at_end_of(entry, release)
    return registry.version_of_release(entry, release)


def _bind(
    plan: Plan,
    registry: Registry,
    index: int,
    versions: tuple[int, int],
    releases: list[ReleaseRef | None],
    errors: list[FieldError],
) -> None:
    root = plan.roots[index]
    for number, slot in enumerate(plan.slots):
        if slot.root != index:
            continue
        entry = registry.datasets[slot.dataset]
        try:
            releases[number] = _release(entry, registry, versions[slot.side])
        except GsbError as error:
            if number == root.slot or (isinstance(root.body, Changes) and number == root.body.since_slot):
                raise
            errors.extend(FieldError(link.path, error) for link in plan.link_paths if link.slot == number)


def _began(
    plan: Plan, registry: Registry, index: int, versions: tuple[int, int], releases: list[ReleaseRef | None]
) -> tuple[int, int]:
    """By side: the first version from which on every dataset there has been bound as at the version given."""
    began = [0, 0]
    for number, slot in enumerate(plan.slots):
        if slot.root == index and releases[number] is not None:
            since = registry.since(registry.datasets[slot.dataset], versions[slot.side])
            began[slot.side] = max(began[slot.side], since)
    return began[0], began[1]


def _release(entry: DatasetEntry, registry: Registry, version: int) -> ReleaseRef:
    if entry.state is DatasetState.WITHDRAWN:
        reason, successor = entry.withdrawn_reason, entry.successor
        raise DatasetWithdrawn(
            f"{entry.name} was withdrawn by its agency.",
            hint=f"Ask {successor} instead." if successor else "The catalogue says why and since when.",
            dataset=entry.name,
            successor=successor,
            why={"fa": reason.fa, "en": reason.en} if reason else None,
        )
    release = registry.bind(entry, version)
    if release is None:
        entry.refuse_recalled(version)
        raise DatasetWithdrawn(
            f"{entry.name} had no release then.", reason="no_release", hint=entry.readable_told, dataset=entry.name
        )
    return release


def _touched(releases: tuple[ReleaseRef | None, ...]) -> tuple[tuple[int, int], ...]:
    return tuple({release.id: (release.dataset_id, release.id) for release in releases if release}.values())


def _receipt(releases: tuple[ReleaseRef | None, ...]) -> bytes:
    """Which releases the answer came from, whose data it is and on which terms; each release once."""
    rows = []
    for release in {release.id: release for release in releases if release is not None}.values():
        contract = release.contract
        rows.append(
            {
                "agency": contract.agency,
                "dataset": contract.slug,
                "release": release.seq,
                "asOf": (release.as_of or release.published_at.date()).isoformat(),
                "sha256": release.sha256,
                "source": {
                    "name": contract.source.name,
                    "url": contract.source.url,
                    "year": contract.source.year,
                },
                "licence": contract.licence.name,
                "isShareAlike": contract.licence.is_share_alike,
                "attribution": contract.attribution or contract.licence.attribution,
            }
        )
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
