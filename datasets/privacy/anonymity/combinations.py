"""Sees the rows of one file go by and says how alone they stand. Nothing is kept of a file that describes nobody."""

from collections import Counter
from collections.abc import Mapping, Sequence

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.privacy import PrivacyTerms
from publicgsb.datasets.privacy.anonymity.counting import Codes, Numbering, Table, alone, projected, subsets
from publicgsb.datasets.privacy.anonymity.generalising import cheapest
from publicgsb.datasets.privacy.anonymity.model import BOUNDS, Anonymity, Generalised, Unit
from publicgsb.datasets.privacy.anonymity.quasi import guessed
from publicgsb.datasets.privacy.pack import Pack, load_pack

COMBINATIONS_MAX = 1_000_000  # some 200 MB; columns that tell so many apart tell everybody apart
SUBSETS_TOLD = 10


class Combinations:
    """Counts the combinations of a contract's quasi-identifiers, declared or guessed, batch by batch."""

    def __init__(self, contract: Contract, pack: Pack | None = None) -> None:
        terms = contract.privacy or PrivacyTerms()
        self._contract = contract
        self._is_declared = bool(terms.quasi_identifiers)
        self._quasi = terms.quasi_identifiers or guessed(contract, pack or load_pack())
        self._profile = terms.profile
        self._sensitive = tuple(name for name in terms.sensitive if name not in self._quasi)
        bounds = BOUNDS[terms.profile]
        if bounds.unit is Unit.CONTRIBUTORS and terms.contributor is None:
            bounds = type(bounds)(bounds.k, bounds.l, Unit.ROWS)
        self._bounds = bounds
        extra = (terms.contributor,) if bounds.unit is Unit.CONTRIBUTORS and terms.contributor else ()
        # Cells of aggregate-only datasets are suppressed by their own rule.
        is_of_use = bool(self._quasi) and not contract.is_aggregate_only
        self.columns = (*self._quasi, *self._sensitive, *extra) if is_of_use else ()
        self._numberings = tuple(Numbering() for _ in self.columns)
        self._counts: Counter[Codes] = Counter()
        self._rows = 0

    def observe(self, copied: Mapping[str, Sequence[str]]) -> None:
        """The COPY cells of a batch, by column."""
        if not self.columns or self.is_overfull:
            return
        numbered = [
            list(map(numbering.__getitem__, copied[name]))
            for name, numbering in zip(self.columns, self._numberings, strict=True)
        ]
        self._counts.update(zip(*numbered, strict=True))
        self._rows += len(numbered[0])

    @property
    def is_overfull(self) -> bool:
        return len(self._counts) > COMBINATIONS_MAX

    def anonymity(self) -> Anonymity | None:
        """None when no column describes a person, as far as anybody declared or it could be guessed."""
        if not self.columns or not self._counts:
            return None
        if self.is_overfull:
            return self._said(None)
        table = Table(self._counts, self._quasi, len(self._sensitive), self._bounds)
        return self._said(table)

    def _said(self, table: Table | None) -> Anonymity:
        found = subsets(table) if table is not None else []
        is_failed = table is None or any(one.rows_below for one in found)
        return Anonymity(
            profile=self._profile,
            bounds=self._bounds,
            is_declared=self._is_declared,
            columns=self._quasi,
            rows=self._rows,
            subsets=tuple(found[:SUBSETS_TOLD]),
            generalised=self._generalised(table) if table is not None and is_failed else None,
            is_overfull=table is None,
        )

    def _generalised(self, table: Table) -> Generalised | None:
        count = len(self._quasi)
        fields = [self._contract.field(name) for name in self._quasi]
        way = cheapest(table, fields, self._numberings[:count])
        if way is None:
            return None
        after = way.table
        return Generalised(
            proposals=way.proposals,
            before=alone(table.counts, self._quasi, table.sensitive, self._bounds),
            after=alone(
                projected(after.counts, [*range(len(after.quasi)), *after.extras]),
                after.quasi,
                after.sensitive,
                self._bounds,
            ),
            is_cheapest=way.is_cheapest,
        )
