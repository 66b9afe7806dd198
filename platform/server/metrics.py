"""Counters of one worker in Prometheus' text format, for scraping from the same machine.

Each worker names itself by the label `worker`; a scrape reaches one of them at a time. Counting is plain integers, and
the library renders them when somebody asks: its own counters take a lock at each request.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics(Collector):
    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._rest: Counter[int] = Counter()
        self._data: Counter[int] = Counter()
        self._buckets = [0] * (len(_SECONDS) + 1)
        self._seconds = 0.0
        self._watched: list[tuple[str, str, Callable[[], float]]] = []
        self._counted: list[tuple[str, str, str, Mapping[str, int]]] = []
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def rest(self, status: int) -> None:
        self._rest[status] += 1

    def data(self, status: int, seconds: float) -> None:
        self._data[status] += 1
        self._buckets[bisect_left(_SECONDS, seconds)] += 1
        self._seconds += seconds

    def watch(self, name: str, help_: str, read: Callable[[], float]) -> None:
        """A figure that is read when somebody asks."""
        self._watched.append((name, help_, read))

    def count(self, name: str, help_: str, label: str, counts: Mapping[str, int]) -> None:
        """What somebody else counts, by one more label."""
        self._counted.append((name, help_, label, counts))

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        for name, help_, counts in (
            ("gsb_rest_requests", "REST answers.", self._rest),
            ("gsb_data_requests", "GraphQL answers.", self._data),
        ):
            answers = CounterMetricFamily(name, help_, labels=["worker", "status"])
            for status, count in sorted(counts.items()):
                answers.add_metric([self._worker, str(status)], count)
            yield answers
        times = HistogramMetricFamily("gsb_data_seconds", "Time to answer GraphQL.", labels=["worker"])
        times.add_metric([self._worker], self._cumulative(), self._seconds)
        yield times
        for name, help_, label, found in self._counted:
            family = CounterMetricFamily(name, help_, labels=["worker", label])
            for value, number in sorted(found.items()):
                family.add_metric([self._worker, value], number)
            yield family
        for name, help_, read in self._watched if self._data or self._rest else ():
            gauge = GaugeMetricFamily(name, help_, labels=["worker"])
            gauge.add_metric([self._worker], read())
            yield gauge

    def _cumulative(self) -> list[tuple[str, float]]:
        total, found = 0, []
        for bound, count in zip((*map(str, _SECONDS), "+Inf"), self._buckets, strict=True):
            total += count
            found.append((bound, float(total)))
        return found
