# Written from asynchronous/datasets.py by `make sdk`; change that one.
"""`client.datasets`: what there is."""

from publicgsb_sdk.catalogue import DatasetInfo
from publicgsb_sdk.session import Session


class Datasets:
    """The catalogue: one request per call, always the present one."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self, agency: str | None = None) -> tuple[DatasetInfo, ...]:
        """All datasets, or those of one agency."""
        return tuple(info for info in self._session.catalogue() if agency in (None, info.agency))

    def search(self, text: str) -> tuple[DatasetInfo, ...]:
        """Datasets in whose names, titles, descriptions or fields every word occurs, in any spelling."""
        return tuple(info for info in self._session.catalogue() if info.matches(text))
