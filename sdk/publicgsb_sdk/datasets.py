# Written from asynchronous/datasets.py by `make sdk`; change that one.
"""`client.datasets`: what there is."""

from publicgsb_sdk.catalogue import DatasetInfo
from publicgsb_sdk.session import Session


class Datasets:
    """The catalogue: one request per call, always the present one; free of charge.

    >>> [(info.name, info.rows) for info in gsb.datasets.list()]
    [('aviation.airports', 2), ('standards.countries', 249)]
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self, agency: str | None = None) -> tuple[DatasetInfo, ...]:
        """All datasets, or those of one agency, in the order of the catalogue.

        >>> [info.name for info in gsb.datasets.list("standards")]
        ['standards.countries']
        """
        return tuple(info for info in self._session.catalogue() if agency in (None, info.agency))

    def search(self, text: str) -> tuple[DatasetInfo, ...]:
        """Datasets in whose names, titles, descriptions or fields every word occurs, in any spelling.

        >>> [info.title.en for info in gsb.datasets.search("فرودگاههاي")]
        ['Airports of the world']
        """
        return tuple(info for info in self._session.catalogue() if info.matches(text))
