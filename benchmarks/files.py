"""Whole files: the download of a release against COPY by psql, in turns."""

import hashlib
import http.client
import os
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import psql, servers
from benchmarks.place import Place
from benchmarks.rounds import WrongAnswerError
from publicgsb.datasets.exports.making import make_files
from publicgsb.datasets.exports.model import FileFormat
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.datasets.exports.store import made_of
from publicgsb.datasets.files import csv_query
from publicgsb.datasets.record_ends import RecordEnds

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


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The same CSV as it is streamed before its files are made, and as it is sent afterwards; and what making took."""

    streamed: Timed
    made: Timed
    stages: Mapping[str, float]  # seconds of each stage of making the files
    parquet_bytes: int

    @property
    def making_seconds(self) -> float:
        return sum(self.stages.values())


async def download(place: Place, *, rounds: int) -> Downloaded:
    """Raises WrongAnswerError unless both files are what COPY gives, but for the ends of its lines."""
    entry = (await place.registry()).dataset(AGENCY, DATASET)
    release = entry.current
    assert release is not None
    query = csv_query(release)
    reference = Path(place.settings.state_dir) / "reference.csv"
    psql.copy_out(place, query, reference)
    content = RecordEnds().read(reference.read_bytes()).content
    reference.unlink()
    expected = len(content), hashlib.sha256(content).digest()
    with servers.ours(place) as port:
        streamed = _timed(place, port, query, expected, rounds)
    objects = open_objects(place.settings.object_store_url, place.settings.state_dir)
    reached = [("measuring", time.perf_counter())]
    await make_files(
        *(place.connections, objects, place.settings.state_dir, entry, release),
        told=lambda stage: reached.append((stage.value, time.perf_counter())),
    )
    ends = [at for _, at in reached[1:]] + [time.perf_counter()]
    stages = {stage: end - at for (stage, at), end in zip(reached, ends, strict=True)}
    async with place.connections.use() as connection:
        files = (await made_of(connection, [release.id]))[release.id]
    with servers.ours(place) as port:
        made = _timed(place, port, query, expected, rounds)
    return Downloaded(streamed, made, stages, sum(part.bytes for part in files.of(FileFormat.PARQUET)))


def _timed(place: Place, port: int, query: str, expected: tuple[int, bytes], rounds: int) -> Timed:
    """In turns with psql's COPY, after one that is compared to the byte."""
    if _read(port, is_hashed=True) != expected:
        raise WrongAnswerError("The downloaded file is not what COPY gives.")
    ours, bare = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        read, _unused = _read(port)
        ours.append(time.perf_counter() - began)
        if read != expected[0]:
            raise WrongAnswerError(f"The download ended after {read:,} of {expected[0]:,} bytes.")
        bare.append(psql.copy_out(place, query, Path(os.devnull)))
    return Timed(expected[0], tuple(ours), tuple(bare))


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
