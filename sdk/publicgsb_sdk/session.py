# Written from asynchronous/session.py by `make sdk`; change that one.
"""The calls of the service by name: what is sent for each, and how its answer is read."""

import json
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from publicgsb_sdk import last, prices
from publicgsb_sdk.account import USAGE, Account, Limit, Usage, read_account, read_limits, read_usage
from publicgsb_sdk.answers import Answer, Result, read_json, read_result, understood
from publicgsb_sdk.budget import Budget
from publicgsb_sdk.call import Call
from publicgsb_sdk.catalogue import DatasetInfo, read_catalogue
from publicgsb_sdk.contract import Contract
from publicgsb_sdk.deadline import Deadline, Sleep
from publicgsb_sdk.envelope import SIGNATURE, graphql_call, is_unknown_document, sha256_of
from publicgsb_sdk.errors import ApiError, DatasetDeprecated
from publicgsb_sdk.last import Response
from publicgsb_sdk.memory import Memory
from publicgsb_sdk.meter import Meter
from publicgsb_sdk.pace import Pace
from publicgsb_sdk.published import read_contract
from publicgsb_sdk.settings import Options
from publicgsb_sdk.texts import told_in
from publicgsb_sdk.token import Token, read_token, wanted
from publicgsb_sdk.transport import Transport

if TYPE_CHECKING:
    from publicgsb_sdk.downloads.line import Line
    from publicgsb_sdk.manifest import FilePart, Manifest
    from publicgsb_sdk.quality import Quality
    from publicgsb_sdk.signatures import KeySet

Value = TypeVar("Value")

CONTRACT_SECONDS = 60.0
SIGNED_SECONDS_MAX = 300.0  # an answer that is older was not given to this call


class Session:
    """One service, one key. It remembers contracts for a minute, and which of them it has warned of.

    With a key set, every answer of the data endpoint is asked for signed, and read after its signature held.
    """

    def __init__(
        self,
        transport: Transport,
        options: Options,
        key_set: "KeySet | None" = None,
        memory: Memory | None = None,
        budget: Budget | None = None,
        within: Deadline | None = None,
    ) -> None:
        self._transport = transport
        self._within = within
        self._options = options
        self._key_set = key_set
        self._memory = Memory() if memory is None else memory
        self.budget = budget

    def with_options(self, options: Options) -> "Session":
        """The same connections and memory, waiting and speaking otherwise."""
        transport = self._transport.with_options(options)
        return Session(transport, options, self._key_set, self._memory, self.budget)

    def with_budget(self, budget: Budget) -> "Session":
        """The same, held to a budget."""
        return Session(self._transport, self._options, self._key_set, self._memory, budget)

    def with_clock(self, clock: Callable[[], float], sleep: Sleep) -> "Session":
        """The same connections by another clock, with nothing learned yet."""
        transport = self._transport.with_clock(clock, sleep)
        return Session(transport, self._options, self._key_set, Memory(pace=Pace(clock)), self.budget)

    def one_call(self, seconds: float | None = None) -> "Session":
        """The same for one call of the library that takes several requests: they have its deadline together."""
        within = self._transport.deadline(seconds)
        return Session(self._transport, self._options, self._key_set, self._memory, self.budget, within)

    def _deadline(self) -> Deadline:
        return self._within or self._transport.deadline()

    @property
    def locale(self) -> str:
        """The language of the caller."""
        return self._options.locale

    def telling(self) -> AbstractContextManager[None]:
        """Errors that leave this block speak the language of the caller."""
        return told_in(self._options.locale)

    @property
    def last_response(self) -> Response | None:
        """The head of the last answer to this thread or task."""
        return last.last(self._transport)

    def graphql(self, document: str, variables: Mapping[str, Any] | None, operation_name: str | None) -> Result:
        """Run a document. A mutation is never sent twice."""
        with self.telling():
            deadline = self._deadline()
            question = prices.question(document, variables, operation_name)
            if self.budget is not None and self._memory.prices.known(question) is None:
                price = self.price(document, variables, operation_name, deadline)
                self._memory.prices.learn(question, price)
            points = self._memory.prices.at_most(question, document)
            meter = Meter(self._memory.pace, self.budget, points)
            try:
                answer = self._asked(document, variables, operation_name, meter, deadline)
                result = self._read(answer, document, variables, operation_name)
                meter.end(result.cost.actual if result.cost else None, answer.headers)
            except ApiError as refused:
                meter.refused(refused, {})
                raise
            finally:
                meter.end()
            self._memory.prices.ran(question, document, result.cost.requested if result.cost else None)
            return result

    def price(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        within: Deadline | None = None,
    ) -> int:
        """What a document would cost, in points; nothing is run, and asking is free."""
        with self.telling():
            asked = prices.dry_run(document, operation_name)
            call = graphql_call(asked, variables, operation_name)
            answer = self._transport.send(call, within=within or self._deadline())
            return understood(
                "a price", lambda data: int(data["gsbPrice"]["cost"]), read_result(answer).complete().data
            )

    def _asked(
        self,
        document: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        meter: Meter,
        within: Deadline,
    ) -> Answer:
        """By its hash alone where that is shorter; with its text, once, where the service does not know the hash."""
        prefer = SIGNATURE if self._key_set else None
        call = graphql_call(document, variables, operation_name, prefer)
        sha256 = sha256_of(document) if call.is_safe else None
        if sha256 is None:
            return self._transport.send(call, meter=meter, within=within)
        by_hash = graphql_call(None, variables, operation_name, prefer, sha256)
        try:
            answer = self._transport.send(by_hash, meter=meter, within=within)
            if not is_unknown_document(answer):
                return answer
            meter.end(0, answer.headers)
        except ApiError as refused:
            if refused.reason != "persisted_query_not_found":
                raise
        with_text = graphql_call(document, variables, operation_name, prefer, sha256)
        return self._transport.send(with_text, meter=meter, within=within)

    def _read(
        self, answer: Answer, document: str, variables: Mapping[str, Any] | None, operation_name: str | None
    ) -> Result:
        if self._key_set is not None:
            self._key_set.verify(
                answer.body,
                answer.headers.get(SIGNATURE),
                document=document,
                variables=variables,
                operation_name=operation_name,
                max_age=SIGNED_SECONDS_MAX,
            )
        return read_result(answer, self._options.locale)

    def contract(self, dataset_id: str, *, is_fresh: bool = False) -> Contract:
        """The contract and current release of `agency/dataset`."""
        known = self._memory.contracts.get(dataset_id)
        if known and not is_fresh and time.monotonic() - known[0] < CONTRACT_SECONDS:
            return known[1]
        agency, dataset = dataset_id.split("/")
        path = f"/api/v1/agencies/{agency}/datasets/{dataset}"
        contract = self._read_at(path, f"a contract of {dataset_id}", read_contract)
        self._memory.contracts[dataset_id] = (time.monotonic(), contract)
        if contract.ending and dataset_id not in self._memory.warned:
            self._memory.warned.add(dataset_id)
            warnings.warn(contract.ending, DatasetDeprecated, stacklevel=2)
        return contract

    def catalogue(self) -> tuple[DatasetInfo, ...]:
        """Every dataset, whatever its access level."""
        return self._read_at("/catalog.json", "a catalogue", read_catalogue)

    def file(self, contract: Contract, release: int, sink: BinaryIO) -> None:
        """All rows of a release as CSV."""
        path = f"/files/{contract.agency}/{contract.dataset}/{release}.csv"
        with self.telling():
            self._transport.send(Call("GET", path, accept="text/csv"), sink)

    def manifest(self, contract: Contract, release: int) -> "Manifest":
        """The files of a release, with addresses that are signed for the key."""
        from publicgsb_sdk.manifest import read_manifest  # noqa: PLC0415 - for whom it serves

        path = f"/api/v1/agencies/{contract.agency}/datasets/{contract.dataset}/releases/{release}/files"
        return self._read_at(path, f"the files of {contract.id}", read_manifest)

    def part(self, part: "FilePart", sink: BinaryIO) -> None:
        """One of them, whole."""
        with self.telling():
            self._transport.send(Call("GET", part.path, accept="*/*"), sink)

    def line(self, deadline: float | None) -> "Line":
        """How files are fetched that take longer than a call."""
        return self._transport.line(deadline)

    def account(self) -> Account:
        """Whom the service takes the holder of the key for."""
        return self._read_at("/api/v1/whoami", "an account", read_account)

    def limits(self) -> tuple[Limit, ...]:
        """How much is left."""
        return self._read_at("/api/v1/quota", "limits", read_limits)

    def usage(self, start: date | None, end: date | None, by: Iterable[str]) -> tuple[Usage, ...]:
        """What was used."""
        given = {
            "from": start and start.isoformat(),
            "to": end and end.isoformat(),
            "by": [name.upper() for name in by],
        }
        result = self.graphql(USAGE, {name: value for name, value in given.items() if value is not None}, None)
        with self.telling():
            return understood("usage", read_usage, result.complete().data)

    def token(self, dataset_ids: Iterable[str]) -> Token:
        """The key exchanged; done twice it does no harm."""
        with self.telling():
            body = json.dumps(wanted(dataset_ids)).encode()
            answer = self._transport.send(Call("POST", "/api/v1/auth/token", body), within=self._deadline())
            return understood("a token", read_token, read_json(answer))

    def quality(self, dataset_id: str) -> "Quality":
        """How good a dataset is."""
        from publicgsb_sdk.quality import read_quality  # noqa: PLC0415 - few ask, so it is loaded when asked for

        return self._read_at(f"/api/v1/datasets/{dataset_id}/quality", "a quality", read_quality)

    def _read_at(self, path: str, what: str, read: Callable[[Any], Value]) -> Value:
        """What the JSON under a path says."""
        with self.telling():
            answer = self._transport.send(Call("GET", path), within=self._deadline())
            return understood(what, read, read_json(answer))
