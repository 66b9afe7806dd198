"""One case on all servers in turns, A B C A B C …, each answer sampled against the SQL's after each round."""

import http.client
import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.load import Load, run_wrk

SAMPLE = 25
_WARM_UP_SECONDS = 1


class WrongAnswerError(Exception):
    """A server answered with other bytes than the SQL, or refused, or broke: such a run gives no figures."""


@dataclass(frozen=True, slots=True)
class Target:
    """One server for one case. `expected` holds what `read` must find in the answers to some of the bodies."""

    name: str
    port: int
    path: str
    bodies: Path
    key: str = field(default="", repr=False)
    expected: Sequence[tuple[bytes, bytes]] = ()  # (body, what it must answer); none for bare replies
    read: Callable[[bytes], bytes] | None = None  # None: the bytes of `data`

    @property
    def variables(self) -> Mapping[str, str]:
        return {"BENCH_KEY": self.key} if self.key else {}

    def answer_size(self) -> int:
        """Bytes of one whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            return len(_ask(connection, self, self.expected[0][0]))
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Series:
    """The rounds of one server."""

    loads: tuple[Load, ...]

    @property
    def median(self) -> float:
        return statistics.median(load.per_second for load in self.loads)

    @property
    def spread(self) -> float:
        """Between the slowest and the fastest round, as a share of the median."""
        speeds = [load.per_second for load in self.loads]
        return (max(speeds) - min(speeds)) / self.median

    @property
    def p50_ms(self) -> float:
        return statistics.median(load.p50_us for load in self.loads) / 1000

    @property
    def p99_ms(self) -> float:
        return statistics.median(load.p99_us for load in self.loads) / 1000


def in_turns(wrk: str, targets: Sequence[Target], effort: Effort) -> dict[str, Series]:
    """Raises WrongAnswerError unless every request was answered, and rightly where it was sampled."""
    for target in targets:
        _round(wrk, target, 0, min(effort.seconds, _WARM_UP_SECONDS))
    found: dict[str, list[Load]] = {target.name: [] for target in targets}
    for number in range(1, effort.rounds + 1):
        for target in targets:
            found[target.name].append(_round(wrk, target, number, effort.seconds))
    return {name: Series(tuple(loads)) for name, loads in found.items()}


def _round(wrk: str, target: Target, number: int, seconds: int) -> Load:
    url = f"http://127.0.0.1:{target.port}{target.path}"
    load = run_wrk(wrk, url, target.bodies, seconds=seconds, seed=number, variables=target.variables)
    if load.refused or load.broken:
        raise WrongAnswerError(f"{target.name}: {load.refused} requests refused, {load.broken} not answered.")
    check_sample(target, number)
    return load


def check_sample(target: Target, number: int) -> None:
    """SAMPLE questions, others in each round, asked one by one and compared byte by byte."""
    if not target.expected:
        return
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=10)
    try:
        for index in range(SAMPLE):
            body, data = target.expected[(number * SAMPLE + index) % len(target.expected)]
            answer = _ask(connection, target, body)
            found = (target.read or data_of)(answer)
            if found != data:
                read, wanted = found[:300], data[:300]
                raise WrongAnswerError(f"{target.name}: the answer to {body!r} is {read!r}, the SQL's {wanted!r}.")
    finally:
        connection.close()


def _ask(connection: http.client.HTTPConnection, target: Target, body: bytes) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if target.key:
        headers["Authorization"] = f"Bearer {target.key}"
    connection.request("POST", target.path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise WrongAnswerError(f"{target.name}: status {response.status}: {answer[:300]!r}")
    return answer


def data_of(answer: bytes) -> bytes:
    """The bytes of `data`: all that there is, or what stands before `extensions`."""
    data, _, _ = answer.removeprefix(b'{"data":').rpartition(b',"extensions":')
    return data or answer.removeprefix(b'{"data":').removesuffix(b"}")


def write_bodies(file: Path, bodies: Sequence[Mapping[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    return file
