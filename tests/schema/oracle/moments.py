"""At which version a root field is read, and which releases answer there: no row is looked up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, NotFound
from tests.schema.oracle.facts import DatasetKey, Facts
from tests.schema.oracle.pages import CursorToken, Version
from tests.schema.oracle.readable import bound, check_readable


@dataclass(slots=True)
class Root:
    key: DatasetKey
    path: tuple[str, ...]
    release: Any = None
    afters: list[str] = field(default_factory=list)

    @property
    def is_pinned_twice(self) -> bool:
        return self.release is not None and bool(self.afters)


@dataclass(slots=True)
class Moments:
    facts: Facts
    newest: int  # the registry's version
    cursors: Mapping[str, CursorToken]

    def bind(self, key: DatasetKey, version: int) -> int | None:
        """The release that answers; None when none does."""
        try:
            return bound(self.facts, key, version)
        except GsbError:
            return None

    def stamped(self, version: int, read: Iterable[DatasetKey]) -> Version:
        """With the first version from which on everything that is read was as it is at `version`."""
        stamp = 0
        for key in read:
            seq = self.bind(key, version)
            if seq is None:
                continue
            since = version
            for step in reversed([step for step in self.facts.steps if step.version <= version]):
                if step.current.get(key) != seq:
                    break
                since = step.version
            stamp = max(stamp, since)
        return Version(version, stamp)

    def version(self, root: Root) -> int | GsbError:
        if root.release is not None:
            return self.version_of(root.key, root.release)
        versions = {self.cursors[after].version for after in root.afters}
        if len(versions) > 1:
            return InvalidRequest("cursors of two states")
        return versions.pop() if versions else self.newest

    def feed_versions(self, since: Any, root: Root) -> tuple[int, int] | GsbError:
        """Both versions of a change feed, now and since; a cursor names them, and must be one of this feed."""
        if root.afters:
            token = self.cursors[root.afters[0]]
            if token.between is None or token.key != root.key:
                return InvalidRequest("a cursor of another list")
            return token.between
        begin = self.version_of(root.key, since)
        if isinstance(begin, GsbError):
            return begin
        now = self.version(root)
        return now if isinstance(now, GsbError) else (now, begin)

    def version_of(self, key: DatasetKey, release: int | date | str | None) -> int | GsbError:
        """Of a number the last version at which it was current, of a day the last version of that day."""
        if isinstance(release, date):
            return self._version_at(key, release)
        if not isinstance(release, int):
            return self.newest
        try:
            check_readable(self.facts, key, release)
        except GsbError as error:
            return error
        places = [at for at, step in enumerate(self.facts.steps) if step.current.get(key) == release]
        if not places:
            return NotFound("no such release")
        later = [step for step in self.facts.steps[places[-1] :] if step.current.get(key) != release]
        return later[0].version - 1 if later else self.newest

    def _version_at(self, key: DatasetKey, day: date) -> int | GsbError:
        if day >= self.facts.steps[-1].day:
            return self.newest
        version = max((step.version for step in self.facts.steps if step.day <= day), default=0)
        began = next(step.version for step in self.facts.steps if step.current.get(key) is not None)
        if version < began and not self.facts.forgotten_before(key):
            return NotFound("no release yet")
        return version
