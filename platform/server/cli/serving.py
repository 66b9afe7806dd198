"""`gsb serve | jobs`: the processes that stay."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType

import click
import uvicorn

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.checks import check_port, check_redis
from publicgsb.platform.server.cli.frame import Context
from publicgsb.platform.server.front import Front
from publicgsb.platform.server.logs import log_config, set_up_logs
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings, publish_settings
from publicgsb.platform.server.starting import bring_up

APP = "publicgsb.platform.server.app:create"
JOBS = "publicgsb.platform.server.jobs:main"
_DRAIN_SECONDS = 10
_HUNG_SECONDS = 30  # silence after which a worker is replaced; 5 s took starting ones on a busy machine

log = logging.getLogger(__name__)


@click.command()
@click.option("--host", help="Instead of GSB_HOST.")
@click.option("--port", type=int, help="Instead of GSB_PORT.")
@click.option("--workers", type=int, help="Instead of GSB_WORKERS.")
@click.pass_obj
def serve(context: Context, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the API until SIGTERM or Ctrl-C; running requests are finished first."""
    given = {"host": host, "port": port, "workers": workers}
    context.overrides |= {name: value for name, value in given.items() if value is not None}
    settings = context.settings
    check_port(settings.host, settings.port)
    with termination_unwinds(), context.engines() as engines:
        load_secrets(settings)
        _warn_without_redis(engines.redis_url)
        asyncio.run(bring_up(settings, engines.database_url))
        serve_http(settings)


def _warn_without_redis(url: str) -> None:
    """A server that is too old is refused; one that is away is not waited for: PostgreSQL keeps the windows then."""
    try:
        asyncio.run(check_redis(url))
    except Unavailable as away:
        log.warning("%s Rate windows are kept in PostgreSQL until it does.", away.message)


def serve_http(settings: Settings, application: str = APP) -> None:
    """Run the workers; each builds its own application from the settings and uses the engines itself."""
    publish_settings(settings)
    uvicorn.run(
        application,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http=Front,
        ws="none",
        interface="asgi3",
        proxy_headers=False,  # client_ip() decides by trusted_proxies; uvicorn would believe any neighbour
        server_header=False,
        date_header=True,
        access_log=False,
        log_config=log_config(settings.log_level),
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        timeout_keep_alive=75,
        timeout_worker_healthcheck=_HUNG_SECONDS,
        backlog=2048,
    )


@click.command()
@click.pass_obj
def jobs(context: Context) -> None:
    """Take uploaded files through validation, gate and release until SIGTERM or Ctrl-C."""
    settings = context.settings
    set_up_logs(settings.log_level)
    module, name = JOBS.split(":")
    run: Callable[[Settings], None] = getattr(import_module(module), name)
    with termination_unwinds(), context.engines() as engines:
        asyncio.run(bring_up(settings, engines.database_url))
        run(settings)


@contextmanager
def termination_unwinds() -> Iterator[None]:
    """SIGTERM ends the block like sys.exit: without it the process would die and leave the engines running."""

    def unwind(_: int, __: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, unwind)
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(0) from None
    finally:
        signal.signal(signal.SIGTERM, before)
