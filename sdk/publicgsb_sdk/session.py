# Written from asynchronous/session.py by `make sdk`; change that one.
"""The calls of the service by name: what is sent for each, and how its answer is read."""

import json
import time
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from publicgsb_sdk.account import Account, Limit, read_account, read_limits
from publicgsb_sdk.answers import Result, read_json, read_result, understood
from publicgsb_sdk.call import Call
from publicgsb_sdk.catalogue import DatasetInfo, read_catalogue
from publicgsb_sdk.contract import Contract, read_contract
from publicgsb_sdk.downloads.line import Line
from publicgsb_sdk.envelope import graphql_call
from publicgsb_sdk.errors import DatasetDeprecated
from publicgsb_sdk.manifest import FilePart, Manifest, read_manifest
from publicgsb_sdk.signatures import HEADER, PREFERENCE, KeySet
from publicgsb_sdk.token import Token, read_token, wanted
from publicgsb_sdk.transport import Transport

CONTRACT_SECONDS = 60.0
SIGNED_SECONDS_MAX = 300.0  # an answer that is older was not given to this call


class Session:
    """One service, one key. It remembers contracts for a minute, and which of them it has warned of.

    With a key set, every answer of the data endpoint is asked for signed, and read after its signature held.
    """

    def __init__(self, transport: Transport, key_set: KeySet | None = None) -> None:
        self._transport = transport
        self._key_set = key_set
        self._contracts: dict[str, tuple[float, Contract]] = {}
        self._warned: set[str] = set()  # datasets that end, each said once

    def graphql(self, document: str, variables: Mapping[str, Any] | None, operation_name: str | None) -> Result:
        """Run a document. A mutation is never sent twice."""
        prefer = PREFERENCE if self._key_set else None
        answer = self._transport.send(graphql_call(document, variables, operation_name, prefer))
        if self._key_set is not None:
            self._key_set.verify(
                answer.body,
                answer.headers.get(HEADER),
                document=document,
                variables=variables,
                operation_name=operation_name,
                max_age=SIGNED_SECONDS_MAX,
            )
        return read_result(answer)

    def contract(self, dataset_id: str, *, is_fresh: bool = False) -> Contract:
        """The contract and current release of `agency/dataset`."""
        known = self._contracts.get(dataset_id)
        if known and not is_fresh and time.monotonic() - known[0] < CONTRACT_SECONDS:
            return known[1]
        agency, dataset = dataset_id.split("/")
        document = self._get(f"/api/v1/agencies/{agency}/datasets/{dataset}")
        contract = understood(f"a contract of {dataset_id}", read_contract, document)
        self._contracts[dataset_id] = (time.monotonic(), contract)
        if contract.ending and dataset_id not in self._warned:
            self._warned.add(dataset_id)
            warnings.warn(contract.ending, DatasetDeprecated, stacklevel=2)
        return contract

    def catalogue(self) -> tuple[DatasetInfo, ...]:
        """Every dataset, whatever its access level."""
        return understood("a catalogue", read_catalogue, self._get("/catalog.json"))

    def file(self, contract: Contract, release: int, sink: BinaryIO) -> None:
        """All rows of a release as CSV."""
        path = f"/files/{contract.agency}/{contract.dataset}/{release}.csv"
        self._transport.send(Call("GET", path, accept="text/csv"), sink)

    def manifest(self, contract: Contract, release: int) -> Manifest:
        """The files of a release, with addresses that are signed for the key."""
        path = f"/api/v1/agencies/{contract.agency}/datasets/{contract.dataset}/releases/{release}/files"
        return understood(f"the files of {contract.id}", read_manifest, self._get(path))

    def part(self, part: FilePart, sink: BinaryIO) -> None:
        """One of them, whole."""
        self._transport.send(Call("GET", part.path, accept="*/*"), sink)

    def line(self, deadline: float | None) -> Line:
        """How files are fetched that take longer than a call."""
        return self._transport.line(deadline)

    def account(self) -> Account:
        """Whom the service takes the holder of the key for."""
        return understood("an account", read_account, self._get("/api/v1/whoami"))

    def limits(self) -> tuple[Limit, ...]:
        """How much is left."""
        return understood("limits", read_limits, self._get("/api/v1/quota"))

    def token(self, dataset_ids: Iterable[str]) -> Token:
        """The key exchanged; done twice it does no harm."""
        body = json.dumps(wanted(dataset_ids)).encode()
        answer = self._transport.send(Call("POST", "/api/v1/auth/token", body))
        return understood("a token", read_token, read_json(answer))

    def _get(self, path: str) -> Any:
        return read_json(self._transport.send(Call("GET", path)))
