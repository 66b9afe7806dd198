"""Jobs that are given up because they ended the process that ran them: told to the publisher, counted, alarmed."""

from publicgsb.datasets.jobs import store
from publicgsb.datasets.jobs.model import Job
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import GsbError, Internal
from publicgsb.platform.kernel.pulse import Event, Pulse, announce

LOST_LEASES_MAX = 3  # the index job_given_up is of this number

_KIND = "job_given_up"


def reason_of(job: Job) -> GsbError:
    """What its publisher reads."""
    return Internal(
        f"The process that read this file ended without a word {job.lost_leases} times.",
        reason="process_lost",
        hint=(
            "It may hold what a reader cannot take, or need more memory than there is: send it as plain CSV, or in "
            "parts with mode=append, under a new Idempotency-Key. The operator finds the job by its id in the log."
        ),
        lost_leases=job.lost_leases,
    )


async def alarm(connection: Connection) -> None:
    """In the transaction in which the job ends: every worker counts anew."""
    await announce(connection, _KIND, {})


class GivenUpJobs:
    """How many there are, for the metrics of a worker; build it before the pulse starts."""

    def __init__(self, connections: Connections, pulse: Pulse) -> None:
        self._connections = connections
        self.count = 0
        pulse.on(_KIND, self._changed)

    async def load(self) -> None:
        async with self._connections.use() as connection:
            self.count = await store.count_given_up(connection)

    async def _changed(self, _: Event) -> None:
        await self.load()
