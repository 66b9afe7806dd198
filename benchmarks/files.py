"""Whole files: the download of a release against COPY by psql, in turns."""

import hashlib
import http.client
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import psql, servers
from benchmarks.place import Place
from benchmarks.rounds import WrongAnswerError
from publicgsb.datasets.files import csv_query

AGENCY, DATASET = "transport", "flights"
_PATH = f"/files/{AGENCY}/{DATASET}/latest.csv"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Timed:
    """The same work done by us and by psql; seconds of each round."""

    size: int  # bytes or rows
    ours: tuple[float, ...]
    psql: tuple[float, ...]

    @property
    def ours_median(self) -> float:
        return statistics.median(self.ours)

    @property
    def psql_median(self) -> float:
        return statistics.median(self.psql)


async def download(place: Place, *, rounds: int) -> Timed:
    """Raises WrongAnswerError unless the file is the same to the byte."""
    release = (await place.registry()).dataset(AGENCY, DATASET).current
    assert release is not None
    query = csv_query(release)
    reference = Path(place.settings.state_dir) / "reference.csv"
    psql.copy_out(place, query, reference)
    size, digest = reference.stat().st_size, hashlib.sha256(reference.read_bytes()).digest()
    reference.unlink()
    ours, bare = [], []
    with servers.ours(place) as port:
        if _read(port, is_hashed=True) != (size, digest):
            raise WrongAnswerError("The downloaded file is not what COPY gives.")
        for _ in range(rounds):
            began = time.perf_counter()
            read, _unused = _read(port)
            ours.append(time.perf_counter() - began)
            if read != size:
                raise WrongAnswerError(f"The download ended after {read:,} of {size:,} bytes.")
            bare.append(psql.copy_out(place, query, Path(os.devnull)))
    return Timed(size, tuple(ours), tuple(bare))


def _read(port: int, *, is_hashed: bool = False) -> tuple[int, bytes]:
    """Bytes read and, when asked for, their SHA-256."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    digest = hashlib.sha256()
    buffer = bytearray(_PIECE)
    size = 0
    try:
        connection.request("GET", _PATH)
        response = connection.getresponse()
        if response.status != 200:
            raise WrongAnswerError(f"The download was refused: {response.status}.")
        while count := response.readinto(buffer):
            size += count
            if is_hashed:
                digest.update(memoryview(buffer)[:count])
    finally:
        connection.close()
    return size, digest.digest()
