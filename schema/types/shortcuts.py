"""Lists that lead through a link dataset straight to what it ties a record to."""

from collections.abc import Iterator, Mapping

from publicgsb.datasets.contracts.model import Shortcut
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.schema.types.marks import DatasetKey, ThroughMark


class Shortcuts:
    """The shortcuts of all datasets, by the dataset on whose records they stand."""

    def __init__(self, entries: Mapping[DatasetKey, DatasetEntry]) -> None:
        self._by_source: dict[DatasetKey, list[tuple[Shortcut, ThroughMark]]] = {}
        for via, entry in entries.items():
            contract = entry.contract
            for shortcut in contract.shortcuts:
                inward, outward = contract.link(shortcut.from_link), contract.link(shortcut.to_link)
                mark = ThroughMark(inward.target, via, outward.target, inward, outward)
                self._by_source.setdefault(inward.target, []).append((shortcut, mark))

    def on(self, source: DatasetKey) -> Iterator[tuple[Shortcut, ThroughMark]]:
        yield from self._by_source.get(source, ())
