"""The parts of a worker, in three groups, in the order in which they need each other. Nothing here is running yet."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from publicgsb.apikeys.data_tokens import DataTokens
from publicgsb.apikeys.exposed import ExposedKey, ExposedKeys, Notify
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.mail import letters, outbox
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.apikeys.webhooks.sending import Rules, Sender
from publicgsb.apikeys.webhooks.signing import WebhookSecrets
from publicgsb.datasets.demand.counting import Demand
from publicgsb.datasets.jobs.given_up import GivenUpJobs
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.memory import Memory
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.platform.server.account import OwnAccount
from publicgsb.platform.server.downloads import DownloadMeter
from publicgsb.platform.server.metrics import Metrics
from publicgsb.platform.server.secrets import Secrets
from publicgsb.platform.server.settings import Settings
from publicgsb.quotas.edge.counts import SharedCounts
from publicgsb.quotas.edge.leases import Leases
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.guard import Guard
from publicgsb.quotas.metering.check import OpenIncidents
from publicgsb.quotas.plans import Plans
from publicgsb.quotas.purse import Purses
from publicgsb.quotas.redis_client import RedisClient, connect
from publicgsb.quotas.spool import Spool
from publicgsb.schema.serving.admission import PLACES_PER_CONNECTION, Admission
from publicgsb.schema.serving.endpoint import GraphQLEndpoint
from publicgsb.schema.serving.history import SchemaHistory
from publicgsb.schema.serving.parts import Parts as EndpointParts
from publicgsb.schema.serving.persisted import PersistedDocuments
from publicgsb.schema.serving.profile import HttpProfile
from publicgsb.schema.serving.world import Worlds

READER_ROLE = "gsb_reader"
WAITING_PER_CONNECTION = 64
SPOOL_FOLDER = "facts"  # in the state folder; every process of the machine looks there


@dataclass(frozen=True, slots=True)
class Ground:
    """What every part stands on."""

    control: Connections
    reader: Connections
    replica: Connections | None  # for the registry alone: released rows are read by the reader's own role
    redis: RedisClient
    pulse: Pulse
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Callers:
    """Who is asking, and how much is left."""

    signing: SigningRing
    tokens: DataTokens
    keyring: KeyRing
    keys: ApiKeys
    exposed: ExposedKeys
    people: People
    plans: Plans
    admission: Admission
    purses: Purses
    facts: Facts
    demand: Demand
    guard: Guard
    incidents: OpenIncidents
    given_up: GivenUpJobs
    downloads: DownloadMeter
    webhook_secrets: WebhookSecrets


@dataclass(frozen=True, slots=True)
class Answers:
    """What is answered."""

    worlds: Worlds
    history: SchemaHistory
    endpoint: GraphQLEndpoint
    cursor_secret: bytes


def ground(settings: Settings, database_url: str, redis_url: str) -> Ground:
    reader_url = settings.reader_url.get_secret_value() if settings.reader_url else None
    control = Connections(database_url, size=settings.control_connections, watchdog_seconds=settings.request_seconds)
    reader = Connections(
        reader_url or database_url,
        size=settings.reader_connections,
        waiting_max=settings.reader_connections * WAITING_PER_CONNECTION,
        server_settings=_reader_settings(settings),
        watchdog_seconds=settings.statement_seconds + 1,
    )
    replica = Connections(reader_url, size=1, watchdog_seconds=settings.request_seconds) if reader_url else None
    redis = connect(redis_url, timeout_seconds=settings.redis_timeout_ms / 1000)
    pulse = Pulse(control, "api")
    return Ground(control, reader, replica, redis, pulse, Metrics(str(pulse.boot_id)[:8]))


def _teller_of_exposed(connections: Connections, base_url: str) -> Notify:
    async def tell(key: ExposedKey) -> None:
        async with connections.transaction() as connection:
            await outbox.post(connection, key.email, letters.exposed(base_url, key.id, key.label))

    return tell


def callers(settings: Settings, secrets: Secrets, on: Ground) -> Callers:
    sealer = Sealer(secrets.pepper, *secrets.peppers.others.values())
    signing = SigningRing(SigningKeys(on.control, sealer), on.pulse, sealer)
    tokens = DataTokens(signing)
    keyring = KeyRing(on.control, on.pulse, secrets.peppers, tokens=tokens)
    signing.on_distrust(keyring.forget_all)
    plans = Plans(on.control, on.pulse)
    admission = Admission(settings.reader_connections * PLACES_PER_CONNECTION, settings.wait_ms_max / 1000)
    owner_tokens = OwnerTokens(secrets.signing_key_pem)
    keys = ApiKeys(
        on.control,
        owner_tokens,
        secrets.peppers,
        overlap=timedelta(hours=settings.rotation_overlap_hours),
    )
    purses = Purses(on.control, on.redis, on.pulse, plans, admission.outside)
    facts = Facts(on.control, on.pulse.boot_id, spool(settings, on.pulse))
    return Callers(
        signing=signing,
        tokens=tokens,
        keyring=keyring,
        exposed=ExposedKeys(on.control, secrets.peppers, notify=_teller_of_exposed(on.control, settings.base_url)),
        keys=keys,
        people=People(on.control, keys, owner_tokens, secrets.pepper, settings.base_url),
        plans=plans,
        admission=admission,
        purses=purses,
        facts=facts,
        demand=Demand(on.control, on.pulse.boot_id),
        guard=Guard(
            Leases(
                SharedCounts(on.redis, on.pulse.boot_id),
                workers=settings.workers,
                wait_seconds=settings.guard_wait_ms / 1000,
            ),
            secret=hmac.digest(secrets.pepper, b"addresses", hashlib.sha256),
            trusted_proxies=settings.trusted_proxies,
        ),
        incidents=OpenIncidents(on.control, on.pulse),
        given_up=GivenUpJobs(on.control, on.pulse),
        downloads=DownloadMeter(facts, purses),
        webhook_secrets=webhook_secrets(secrets),
    )


def spool(settings: Settings, pulse: Pulse) -> Spool:
    return Spool(settings.state_dir / SPOOL_FOLDER, pulse.boot_id, settings.facts_spool_bytes_max)


def answers(settings: Settings, secrets: Secrets, on: Ground, who: Callers, memory: Memory | None) -> Answers:
    worlds = Worlds(on.control, on.pulse, memory, replica=on.replica)
    history = SchemaHistory(on.control, lambda: worlds.served)
    worlds.on_new_schema(history.changed)
    cursor_secret = hmac.digest(secrets.pepper, b"cursors", hashlib.sha256)[:16]
    endpoint = GraphQLEndpoint(
        EndpointParts(
            worlds=worlds,
            keys=who.keyring,
            purses=who.purses,
            facts=who.facts,
            demand=who.demand,
            signing=who.signing,
            account=OwnAccount(who.purses, on.control),
            reader=on.reader,
            control=on.control,
            documents=PersistedDocuments(on.control),
            metrics=on.metrics.data,
            cursor_secret=cursor_secret,
            tag_secret=hmac.digest(secrets.pepper, b"entity tags", hashlib.sha256),
            profile=HttpProfile(settings.http_profile),
            request_seconds=settings.request_seconds,
            kept_bytes_max=settings.kept_answers_bytes,
            gzip_bytes_min=settings.gzip_bytes_min,
            response_bytes_max=settings.response_bytes_max,
            admission=who.admission,
            trusted_proxies=settings.trusted_proxies,
        )
    )
    return Answers(worlds, history, endpoint, cursor_secret)


def webhook_secrets(secrets: Secrets) -> WebhookSecrets:
    return WebhookSecrets((secrets.pepper, *secrets.peppers.others.values()))


def webhook_sender(settings: Settings) -> Sender:
    return Sender(Rules(http_is_allowed=settings.webhook_http, private_is_allowed=settings.webhook_private))


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
