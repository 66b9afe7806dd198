"""The composition root: Settings in, ASGI application out. Read it top to bottom as the list of parts."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from publicgsb.apikeys import http as apikeys_http
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets import http as datasets_http
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.memory import Memory
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.platform.server.account import OwnAccount
from publicgsb.platform.server.downloads import DownloadMeter
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.errors import HANDLERS
from publicgsb.platform.server.metrics import Metrics
from publicgsb.platform.server.portal.explore import BUNDLE, ExploreRoutes, bundled
from publicgsb.platform.server.public import PublicRoutes, pricing_page
from publicgsb.platform.server.requests import DATA_PATH, RequestFrame
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings, load_settings
from publicgsb.quotas import windows
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.guard import Guard
from publicgsb.quotas.http import QuotaRoutes
from publicgsb.quotas.plans import Plans
from publicgsb.quotas.purse import Purses
from publicgsb.schema.planning.document import tighten_validation
from publicgsb.schema.serving.endpoint import GraphQLEndpoint, Parts
from publicgsb.schema.serving.history import SchemaHistory
from publicgsb.schema.serving.persisted import PersistedDocuments
from publicgsb.schema.serving.profile import HttpProfile
from publicgsb.schema.serving.world import Worlds

READER_ROLE = "gsb_reader"
WAITING_PER_CONNECTION = 64
PUBLIC_LIMIT = "600/minute"  # pages and files without a key, per client address


class Application(Starlette):
    """Starlette, with the data endpoint reached before its middleware and router: each request would pay for them, and
    the endpoint answers, counts and logs its own errors. Its Route stays: it says what is served.
    """

    def __init__(self, endpoint: GraphQLEndpoint, **more: Any) -> None:
        super().__init__(**more)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == DATA_PATH:
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create() -> Starlette:
    """What `gsb serve` runs in each worker: the settings of the environment, and the engines for its lifetime."""
    settings = load_settings()
    engines = Engines(settings)
    engines.__enter__()
    return build(settings, engines.database_url, engines.redis_url, engines, Memory(freezes=True))


def build(
    settings: Settings,
    database_url: str,
    redis_url: str,
    engines: AbstractContextManager[object] | None = None,
    memory: Memory | None = None,
) -> Starlette:
    """The application on running engines; `engines` are left when it ends. `memory` is the process's, if it has one."""
    tighten_validation()
    secrets = load_secrets(settings)

    # What every part stands on.
    control = Connections(database_url, size=settings.control_connections, watchdog_seconds=settings.request_seconds)
    reader = Connections(
        settings.reader_url.get_secret_value() if settings.reader_url else database_url,
        size=settings.reader_connections,
        waiting_max=settings.reader_connections * WAITING_PER_CONNECTION,
        server_settings=_reader_settings(settings),
        watchdog_seconds=settings.statement_seconds + 1,
    )
    redis = windows.connect(redis_url, timeout_seconds=settings.redis_timeout_ms / 1000)
    pulse = Pulse(control, "api")
    metrics = Metrics(str(pulse.boot_id)[:8])

    # Who is asking, and how much is left.
    keyring = KeyRing(control, pulse, secrets.pepper)
    keys = ApiKeys(control, OwnerTokens(secrets.signing_key_pem), secrets.pepper)
    plans = Plans(control, pulse)
    purses = Purses(control, redis, pulse, plans)
    facts = Facts(control, pulse.boot_id)
    guard = Guard(trusted_proxies=settings.trusted_proxies, workers=settings.workers)

    # What is answered.
    cursor_secret = hmac.digest(secrets.pepper, b"cursors", hashlib.sha256)[:16]
    replica = _replica(settings)
    worlds = Worlds(control, pulse, memory, replica=replica)
    history = SchemaHistory(control, lambda: worlds.served)
    worlds.on_new_schema(history.changed)
    endpoint = GraphQLEndpoint(
        Parts(
            worlds=worlds,
            keys=keyring,
            purses=purses,
            facts=facts,
            account=OwnAccount(purses, control),
            reader=reader,
            control=control,
            documents=PersistedDocuments(control),
            metrics=metrics.data,
            cursor_secret=cursor_secret,
            tag_secret=hmac.digest(secrets.pepper, b"entity tags", hashlib.sha256),
            profile=HttpProfile(settings.http_profile),
            request_seconds=settings.request_seconds,
            kept_bytes_max=settings.kept_answers_bytes,
            gzip_bytes_min=settings.gzip_bytes_min,
            response_bytes_max=settings.response_bytes_max,
        )
    )

    async def authenticate(request: Request) -> Caller:
        return await apikeys_http.caller_of(request, keyring)

    routes = [
        Route(DATA_PATH, endpoint),
        *PublicRoutes(worlds, pulse, control, redis.ping, metrics, settings.base_url, history).routes(),
        *ExploreRoutes(worlds, reader, cursor_secret, settings.base_url, bundled(BUNDLE)).routes(),
        *apikeys_http.routes(
            apikeys_http.Dependencies(keys=keys, keyring=keyring, limit=guard.limit(settings.registration_limit))
        ),
        *QuotaRoutes(purses, plans, authenticate, page=pricing_page(settings.base_url)).routes(),
        *datasets_http.routes(
            datasets_http.Dependencies(
                connections=control,
                reader=reader,
                registry=lambda: worlds.current.registry,
                authenticate=authenticate,
                meter=DownloadMeter(facts),
                state_dir=settings.state_dir,
                base_url=lambda _: settings.base_url,
                upload_bytes_max=settings.upload_bytes_max,
                limit=guard.limit(PUBLIC_LIMIT),
            )
        ),
    ]
    metrics.watch("gsb_plan_hits", "Documents found in the plan cache.", lambda: worlds.current.plans.hits)
    metrics.watch("gsb_plan_misses", "Documents planned.", lambda: worlds.current.plans.misses)
    kept, coalescer = endpoint.runner.kept, endpoint.runner.coalescer
    metrics.watch("gsb_kept_hits", "Answers from memory.", lambda: kept.hits)
    metrics.watch("gsb_kept_misses", "Answers that the database was asked for.", lambda: kept.misses)
    metrics.watch("gsb_kept_bytes", "Memory of kept answers.", lambda: kept.bytes)
    metrics.watch("gsb_look_up_statements", "Statements that look-ups shared.", lambda: coalescer.statements)
    metrics.watch("gsb_look_up_members", "Look-ups that shared them.", lambda: coalescer.members)
    metrics.watch("gsb_contact_age_seconds", "Since the pulse last spoke.", lambda: pulse.seconds_since_contact)
    metrics.watch("gsb_facts_lost", "Requests whose usage fact found no room.", lambda: facts.lost)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with engines or nullcontext():
            await pulse.start()
            await plans.load()
            await worlds.start()
            await history.start()
            await keyring.start()
            await purses.start()
            await facts.start()
            if memory is not None:
                memory.settle()
            try:
                yield
            finally:
                await history.stop()
                await purses.close()
                await facts.close()
                await keyring.stop()
                await worlds.stop()
                await pulse.stop()
                await redis.aclose()
                await reader.close()
                if replica is not None:
                    await replica.close()
                await control.close()

    app = Application(
        endpoint,
        routes=routes,
        middleware=[Middleware(RequestFrame, metrics=metrics)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a POST to /graphql/ would lose its body on the way
    return app


def _replica(settings: Settings) -> Connections | None:
    """For the registry alone: released rows are read by the reader's own role."""
    if settings.reader_url is None:
        return None
    return Connections(settings.reader_url.get_secret_value(), size=1, watchdog_seconds=settings.request_seconds)


def _reader_settings(settings: Settings) -> dict[str, str]:
    """Reads may SELECT released tables and nothing else, and never for long."""
    return {
        "role": READER_ROLE,
        "search_path": "pg_catalog",
        "default_transaction_read_only": "on",
        "statement_timeout": str(round(settings.statement_seconds * 1000)),
        "lock_timeout": "200",
        "idle_in_transaction_session_timeout": "5000",
        "work_mem": "16MB",
        "max_parallel_workers_per_gather": "0",
    }
