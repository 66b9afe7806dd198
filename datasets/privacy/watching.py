"""What the gate sees of a file beside its columns one by one: the rows, for what only several columns together tell."""

from collections.abc import Iterable, Mapping, Sequence

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.privacy.anonymity.combinations import Combinations
from publicgsb.datasets.privacy.model import Finding
from publicgsb.datasets.privacy.pack import Pack, load_pack
from publicgsb.datasets.privacy.report import PrivacyReport
from publicgsb.datasets.privacy.split import SplitGate
from publicgsb.datasets.privacy.verdicts import column_verdicts


class RowWatch:
    """`is_part`: the file is a part of the rows of a release, and says nothing of the groups of them all."""

    def __init__(self, contract: Contract, pack: Pack | None = None, *, is_part: bool = False) -> None:
        self._contract = contract
        self._pack = pack or load_pack()
        self._split = SplitGate(contract.released_fields, self._pack)
        self._combinations = None if is_part else Combinations(contract, self._pack)

    def observe(self, copied: Mapping[str, Sequence[str]]) -> None:
        """The COPY cells of a batch, by column."""
        self._split.observe(copied)
        if self._combinations is not None:
            self._combinations.observe(copied)

    def findings(self) -> tuple[Finding, ...]:
        return self._split.findings()

    def report(self, findings: Iterable[Finding]) -> PrivacyReport:
        """`findings` are those of the columns and these."""
        verdicts = column_verdicts(self._contract, findings, self._pack)
        return PrivacyReport(self._pack, verdicts, self._combinations.anonymity() if self._combinations else None)
