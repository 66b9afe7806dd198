"""What all scenarios of one run stand on: engines that lose nothing, a database and a Redis of one's own, a folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from publicgsb.platform.server.engines import Engines, remove_engines
from publicgsb.platform.server.settings import load_settings
from tests.conftest import migrated_template, own_database

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Ground:
    """`is_short`: the form that shows that everything runs. Folders have short paths, for sockets in them."""

    engines: Engines
    template: str
    is_short: bool

    @contextmanager
    def database(self) -> Iterator[str]:
        with own_database(self.engines.database_url, self.template) as url:
            yield url

    @contextmanager
    def redis(self) -> Iterator[str]:
        """One logical database, empty; scenarios are played one after the other."""
        url = self.engines.redis_url
        if url.startswith("unix://"):
            url = f"{url.partition('?')[0]}?db=1"
        else:
            url = urlunsplit(urlsplit(url)._replace(path="/1"))
        with redis.Redis.from_url(url) as own:
            own.flushdb()
            yield url
            own.flushdb()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="gsb") as folder:
            yield Path(folder)


@contextmanager
def ground(*, is_short: bool) -> Iterator[Ground]:
    """Engines with fsync, as in production, removed at the end; GSB_DATABASE_URL and GSB_REDIS_URL are honoured."""
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        settings = load_settings(state_dir=Path(folder) / "state")
        try:
            with Engines(settings) as engines:
                yield Ground(engines, migrated_template(engines.database_url), is_short)
        finally:
            remove_engines(settings)
