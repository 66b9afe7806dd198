"""The composition root: Settings in, ASGI application out. `build` is the list of what a worker is made of."""

from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from publicgsb.apikeys import asking, exposed_http
from publicgsb.apikeys import http as apikeys_http
from publicgsb.apikeys.grants.applying import Applying
from publicgsb.apikeys.grants.deciding import Deciding
from publicgsb.apikeys.grants.figures import GrantFigures
from publicgsb.apikeys.grants.http import GrantRoutes
from publicgsb.apikeys.people import http as people_http
from publicgsb.apikeys.signing import http as signing_http
from publicgsb.apikeys.webhooks.http import WebhookRoutes
from publicgsb.apikeys.webhooks.service import Webhooks
from publicgsb.datasets import http as datasets_http
from publicgsb.datasets.declaring.http import ContractRoutes
from publicgsb.datasets.demand.http import DemandRoutes
from publicgsb.datasets.drafting.requested.http import DraftRoutes
from publicgsb.datasets.exports import http as exports_http
from publicgsb.datasets.exports.requested.http import ExportRoutes
from publicgsb.datasets.notices.http import NoticeRoutes
from publicgsb.datasets.privacy.certificates import http as certificates_http
from publicgsb.datasets.quality.http import QualityRoutes
from publicgsb.datasets.quality.known import KnownAnswers
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.releases.http import TakingBackRoutes
from publicgsb.datasets.releases.recall_journal import JOURNAL_FILE
from publicgsb.datasets.requests.http import ASK_LIMIT, DataRequestRoutes
from publicgsb.datasets.requests.service import DataRequests
from publicgsb.datasets.reviews.http import SubmissionRoutes
from publicgsb.datasets.validating.http import ValidationRoutes
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.memory import Memory
from publicgsb.platform.server import parts
from publicgsb.platform.server.certifying import signing_with
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.errors import HANDLERS
from publicgsb.platform.server.exports import Files, files
from publicgsb.platform.server.granting import closed_in
from publicgsb.platform.server.noticing import terms_of, users_of
from publicgsb.platform.server.parts import Answers, Callers, Ground
from publicgsb.platform.server.portal.explore import BUNDLE, ExploreRoutes, bundled
from publicgsb.platform.server.public import PublicRoutes, certificate_page, pricing_page, requests_page
from publicgsb.platform.server.recalling import reach_of
from publicgsb.platform.server.requesting import tell_asker
from publicgsb.platform.server.requests import DATA_PATH, RequestFrame
from publicgsb.platform.server.reviewing import HurtApplications
from publicgsb.platform.server.room import RoomFields
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings, load_settings
from publicgsb.quotas.http import QuotaRoutes
from publicgsb.quotas.metering.http import OwnedDatasets, UsageRoutes
from publicgsb.quotas.redis_client import answer, close
from publicgsb.schema.planning.document import tighten_validation
from publicgsb.schema.serving.endpoint import GraphQLEndpoint

MAIL_LIMIT = "30/hour"  # what mails and redeems codes, per client address and route
PUBLIC_LIMIT = "600/minute"  # pages and files without a key, per client address
CONTRACT_LIMIT = "60/minute"  # contracts read or declared, per client address: each takes time to parse
CHANGE_LIMIT = "600/hour"  # keys made, replaced or restricted, per client address: every process is told, and the audit
WEBHOOK_LIMIT = "60/hour"  # requests that make us call a receiver, per client address


class Application(Starlette):
    """Starlette, with the data endpoint reached before its middleware and router: each request would pay for them, and
    the endpoint answers, counts and logs its own errors. Its Route stays: it says what is served.
    """

    def __init__(self, endpoint: GraphQLEndpoint, **more: Any) -> None:
        super().__init__(**more)
        self._endpoint = endpoint

    @property
    def endpoint(self) -> GraphQLEndpoint:
        return self._endpoint

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
    ground = parts.ground(settings, database_url, redis_url)
    callers = parts.callers(settings, secrets, ground)
    answers = parts.answers(settings, secrets, ground, callers, memory)
    _watch(ground, callers, answers)
    app = Application(
        answers.endpoint,
        routes=_routes(settings, ground, callers, answers, files(settings, secrets, ground.control)),
        middleware=[Middleware(RequestFrame, metrics=ground.metrics, room=RoomFields(callers.purses))],
        exception_handlers=HANDLERS,
        lifespan=_lifespan(ground, callers, answers, engines or nullcontext(), memory),
    )
    app.router.redirect_slashes = False  # a POST to /graphql/ would lose its body on the way
    return app


def _routes(settings: Settings, ground: Ground, callers: Callers, answers: Answers, files: Files) -> list[Route]:
    control, reader, guard = ground.control, ground.reader, callers.guard
    worlds, base_url = answers.worlds, settings.base_url
    grants, answered = GrantFigures(control), KnownAnswers(control)

    def registry() -> Registry:
        return worlds.current.registry

    async def registry_now() -> Registry:
        return registry()

    async def authenticate(request: Request) -> Caller:
        return await asking.caller_of(request, callers.keyring, settings.trusted_proxies)

    def is_fresh() -> bool:
        return ground.pulse.is_fresh

    public = PublicRoutes(
        worlds,
        ground.pulse,
        control,
        partial(answer, ground.redis),
        ground.metrics,
        base_url,
        answers.history,
        files.made.known,
        answered.known,
        settings.contact,
    )
    explore = ExploreRoutes(worlds, reader, answers.cursor_secret, base_url, bundled(BUNDLE), is_fresh)
    quotas = QuotaRoutes(callers.purses, callers.plans, authenticate, page=pricing_page(base_url))
    usage = UsageRoutes(control, authenticate, lambda slug: _owned(worlds.current.registry, slug))
    apikeys = asking.Dependencies(
        keys=callers.keys,
        keyring=callers.keyring,
        limit=guard.limit(settings.registration_limit),
        people=callers.people,
        trusted_proxies=settings.trusted_proxies,
        tokens=callers.tokens,
        token_limit=guard.limit(PUBLIC_LIMIT),
        change_limit=guard.limit(CHANGE_LIMIT),
    )
    people = people_http.Dependencies(
        people=callers.people,
        owner=lambda request: asking.owner_of(request, apikeys),
        limit=guard.limit(MAIL_LIMIT),
    )
    datasets = datasets_http.Dependencies(
        connections=control,
        registry=registry,
        grant_requests=grants.figures,
        made=files.made.known,
        quality=answered.known,
        authenticate=authenticate,
        state_dir=settings.state_dir,
        base_url=lambda _: base_url,
        upload_bytes_max=settings.upload_bytes_max,
        limit=guard.limit(PUBLIC_LIMIT),
        served=worlds.wait_for,
    )
    exports = exports_http.Dependencies(
        reader=reader,
        registry=registry,
        authenticate=authenticate,
        holder=lambda request, key: asking.holder_of(request, callers.keyring, key, settings.trusted_proxies),
        meter=callers.downloads,
        objects=files.objects,
        made=files.made,
        signer=files.signer,
        base_url=base_url,
        limit=guard.limit(PUBLIC_LIMIT),
        is_fresh=is_fresh,
        quality=answered.known,
    )
    webhooks = WebhookRoutes(
        Webhooks(control, callers.webhook_secrets, parts.webhook_sender(settings)),
        apikeys,
        guard.limit(WEBHOOK_LIMIT),
    )
    return [
        Route(DATA_PATH, answers.endpoint),
        *public.routes(),
        *explore.routes(),
        *exposed_http.routes(callers.exposed, guard.limit(exposed_http.LIMIT)),
        *apikeys_http.routes(apikeys),
        *people_http.routes(people),
        *signing_http.routes(callers.signing, guard.limit(PUBLIC_LIMIT)),
        *GrantRoutes(apikeys, Applying(control, closed_in(registry)), Deciding(control)).routes(),
        *webhooks.routes(),
        *quotas.routes(),
        *usage.routes(),
        *datasets_http.routes(datasets),
        *TakingBackRoutes(control, authenticate, reach_of, settings.state_dir / JOURNAL_FILE).routes(),
        *DraftRoutes(control, authenticate, settings.state_dir, settings.upload_bytes_max).routes(),
        *ValidationRoutes(
            *(control, authenticate, settings.state_dir, settings.upload_bytes_max, users_of, registry),
            limit=guard.limit(CONTRACT_LIMIT),
        ).routes(),
        *ContractRoutes(control, authenticate, users_of, registry, guard.limit(CONTRACT_LIMIT)).routes(),
        *NoticeRoutes(control, authenticate, users_of, terms_of(settings)).routes(),
        *SubmissionRoutes(
            *(control, authenticate, settings.state_dir, settings.upload_bytes_max),
            would_hurt=HurtApplications(control),
            served=worlds.wait_for,
        ).routes(),
        *DataRequestRoutes(
            DataRequests(control, registry_now, tell=tell_asker(base_url)),
            authenticate,
            guard.limit(ASK_LIMIT),
            guard.limit(PUBLIC_LIMIT),
            requests_page(base_url, registry),
        ).routes(),
        *DemandRoutes(control, registry, authenticate, guard.limit(PUBLIC_LIMIT)).routes(),
        *exports_http.FileRoutes(exports).routes(),
        *ExportRoutes(control, exports).routes(),
        *QualityRoutes(registry, files.made.known, answered.known, base_url, guard.limit(PUBLIC_LIMIT)).routes(),
        *certificates_http.routes(
            control,
            registry,
            signing_with(callers.signing.signer),
            certificate_page(base_url, signing_http.JWKS_PATH),
            guard.limit(PUBLIC_LIMIT),
        ),
    ]


def _owned(registry: Registry, slug: str) -> OwnedDatasets | None:
    agency = registry.agencies.get(slug)
    if agency is None:
        return None
    owned = {dataset: entry.id for (of, dataset), entry in registry.datasets.items() if of == slug}
    return OwnedDatasets(agency.id, owned)


def _watch(ground: Ground, callers: Callers, answers: Answers) -> None:
    """What /metrics reads of parts that count for themselves."""
    watch, worlds = ground.metrics.watch, answers.worlds
    kept, coalescer = answers.endpoint.runner.kept, answers.endpoint.runner.coalescer
    ground.metrics.count(
        "gsb_data_refused", "Requests refused because the worker was full.", "reason", callers.admission.refused
    )
    watch("gsb_plan_hits", "Documents found in the plan cache.", lambda: worlds.current.plans.hits)
    watch("gsb_plan_misses", "Documents planned.", lambda: worlds.current.plans.misses)
    watch("gsb_kept_hits", "Answers from memory.", lambda: kept.hits)
    watch("gsb_kept_misses", "Answers that the database was asked for.", lambda: kept.misses)
    watch("gsb_kept_bytes", "Memory of kept answers.", lambda: kept.bytes)
    watch("gsb_look_up_statements", "Statements that look-ups shared.", lambda: coalescer.statements)
    watch("gsb_look_up_members", "Look-ups that shared them.", lambda: coalescer.members)
    watch("gsb_contact_age_seconds", "Since the pulse last spoke.", lambda: ground.pulse.seconds_since_contact)
    watch("gsb_guard_alone", "Guarded requests decided without Redis.", lambda: callers.guard.leases.alone)
    watch(
        "gsb_database_time_refused",
        "Requests refused because an application's database time of the minute was spent.",
        lambda: callers.purses.database_time.refused,
    )
    epochs = callers.purses.epochs
    watch(
        "gsb_windows_in_redis",
        "Organisations whose rate windows Redis keeps.",
        lambda: epochs.granting(from_redis=True),
    )
    watch(
        "gsb_windows_in_postgresql",
        "Organisations whose rate windows PostgreSQL keeps, while Redis is away.",
        lambda: epochs.granting(from_redis=False),
    )
    watch("gsb_windows_epoch", "The newest epoch of rate windows that this worker knows.", lambda: epochs.newest)
    watch(
        "gsb_windows_begun", "Epochs that this worker began, the first of each organisation too.", lambda: epochs.begun
    )
    watch("gsb_facts_lost", "Requests whose usage fact found no room.", lambda: callers.facts.lost)
    watch("gsb_facts_spooled", "Usage facts that went to the disk.", lambda: callers.facts.spooled)
    watch("gsb_demand_lost", "Sums of demand that found no room.", lambda: callers.demand.lost)
    watch("gsb_incidents_open", "Broken invariants of quotas that nobody has closed.", lambda: callers.incidents.count)
    watch(
        "gsb_jobs_given_up",
        "Files whose job ended the process that ran it, again and again.",
        lambda: callers.given_up.count,
    )


def _lifespan(
    ground: Ground,
    callers: Callers,
    answers: Answers,
    engines: AbstractContextManager[object],
    memory: Memory | None,
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """What is started in the order of need, and stopped so that nothing loses what it still needs."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as ending:
            ending.enter_context(engines)
            # Last to first; each in any case, whichever part failed to start or to stop.
            ending.push_async_callback(ground.control.close)
            if ground.replica is not None:
                ending.push_async_callback(ground.replica.close)
            ending.push_async_callback(ground.reader.close)
            ending.push_async_callback(close, ground.redis)
            ending.push_async_callback(ground.pulse.stop)
            ending.push_async_callback(answers.worlds.stop)
            ending.push_async_callback(callers.guard.leases.close)
            ending.push_async_callback(callers.keyring.stop)
            ending.push_async_callback(callers.facts.close)
            ending.push_async_callback(callers.demand.close)
            ending.push_async_callback(callers.purses.close)
            ending.push_async_callback(callers.downloads.close)
            ending.push_async_callback(answers.history.stop)
            await ground.pulse.start()
            await callers.plans.load()
            await callers.incidents.load()
            await callers.given_up.load()
            await callers.purses.capacities.load()
            await callers.signing.start()
            await answers.worlds.start()
            await answers.history.start()
            await callers.keyring.start()
            await callers.purses.start()
            await callers.facts.start()
            await callers.demand.start()
            if memory is not None:
                memory.settle()
            yield

    return lifespan
