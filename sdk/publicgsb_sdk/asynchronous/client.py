"""`AsyncClient`: where a program begins."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import httpx2

from publicgsb_sdk import settings
from publicgsb_sdk.account import Account, Limit
from publicgsb_sdk.answers import Result
from publicgsb_sdk.asynchronous.dataset import AsyncDataset
from publicgsb_sdk.asynchronous.datasets import AsyncDatasets
from publicgsb_sdk.asynchronous.deadline import AsyncTimes
from publicgsb_sdk.asynchronous.session import AsyncSession
from publicgsb_sdk.asynchronous.transport import AsyncTransport
from publicgsb_sdk.query import dataset_id
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.signatures import KeySet
from publicgsb_sdk.token import Token


class AsyncClient:
    """One service and one key (or a token of one); safe to share, and made for `async with`.

    The key comes from the argument or `PGSB_API_KEY`, the address from the argument or `PGSB_URL`. `timeout`
    bounds each wait for the network; `deadline` bounds a whole call with its retries, a page or a file, and
    always holds. A given `http_client` (proxies, own certificates, tests) is used as it is and not closed.
    With `verify` (a saved key set, /.well-known/jwks.json) answers of records are asked for signed, and one whose
    signature does not hold raises VerificationFailed; contracts, catalogue and files are not signed.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        deadline: float = 120.0,
        max_retries: int = 2,
        http_client: httpx2.AsyncClient | None = None,
        verify: Mapping[str, Any] | str | bytes | None = None,
    ) -> None:
        headers = settings.headers(api_key)
        self._address = settings.address(base_url)
        key_set = None if verify is None else KeySet(verify)
        self._own_http = None if http_client else settings.opened(httpx2.AsyncClient)
        http = http_client or self._own_http
        assert http is not None
        times = AsyncTimes(timeout_seconds=timeout, deadline_seconds=deadline)
        transport = AsyncTransport(http, self._address, headers, times, Rule(max_retries))
        self._session = AsyncSession(transport, key_set)

    @property
    def datasets(self) -> AsyncDatasets:
        """The catalogue: `await datasets.list(agency=None)` and `await datasets.search("فرودگاه")`."""
        return AsyncDatasets(self._session)

    def dataset(self, name: str) -> AsyncDataset:
        """A query on `agency.dataset`; nothing is asked before its rows are."""
        return AsyncDataset(self._session, dataset_id(name))

    async def graphql(
        self, document: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
    ) -> Result:
        """Run a GraphQL document.

        An answer without data raises its first error. An answer with some data is returned with `errors`
        filled, each with the `path` at which data is null; call `.complete()` on it where a part is not
        enough.
        """
        return await self._session.graphql(document, variables, operation_name)

    async def limits(self) -> tuple[Limit, ...]:
        """The policies of your plan and what is left of each; free of charge."""
        return await self._session.limits()

    async def whoami(self) -> Account:
        """Whom the service takes you for."""
        return await self._session.account()

    async def token(self, *datasets: str) -> Token:
        """A token of ten minutes to hand to a page, a phone or a partner, for these datasets or for all of the key's.

        `AsyncClient(token.text)` asks with it, as anything does that sends it where a key would stand.
        """
        return await self._session.token(map(dataset_id, datasets))

    async def close(self) -> None:
        """Close the connections that this client opened."""
        if self._own_http:
            await self._own_http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient(base_url={self._address!r})"
