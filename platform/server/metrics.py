"""Counters of one worker in Prometheus' text format, for scraping from the same machine.

Each worker has its own registry and names itself by the label `worker`; a scrape reaches one of them at a time.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    def __init__(self, worker: str) -> None:
        self.registry = CollectorRegistry()
        self._worker = worker
        self._rest = Counter("gsb_rest_requests", "REST answers.", ["worker", "status"], registry=self.registry)
        self._data = Counter("gsb_data_requests", "GraphQL answers.", ["worker", "status"], registry=self.registry)
        self._seconds = Histogram(
            "gsb_data_seconds", "Time to answer GraphQL.", ["worker"], buckets=_SECONDS, registry=self.registry
        ).labels(worker)

    def rest(self, status: int) -> None:
        self._rest.labels(self._worker, str(status)).inc()

    def data(self, status: int, seconds: float) -> None:
        self._data.labels(self._worker, str(status)).inc()
        self._seconds.observe(seconds)

    def watch(self, name: str, help_: str, read: Callable[[], float]) -> None:
        """A figure that is read when somebody asks."""
        Gauge(name, help_, ["worker"], registry=self.registry).labels(self._worker).set_function(read)

    def text(self) -> bytes:
        return generate_latest(self.registry)
