"""`client.datasets`: what there is."""

from publicgsb_sdk.asynchronous.session import AsyncSession
from publicgsb_sdk.catalogue import DatasetInfo


class AsyncDatasets:
    """The catalogue: one request per call, always the present one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list(self, agency: str | None = None) -> tuple[DatasetInfo, ...]:
        """All datasets, or those of one agency."""
        return tuple(info for info in await self._session.catalogue() if agency in (None, info.agency))

    async def search(self, text: str) -> tuple[DatasetInfo, ...]:
        """Datasets in whose names, titles, descriptions or fields every word occurs, in any spelling."""
        return tuple(info for info in await self._session.catalogue() if info.matches(text))
