"""Every setting of the server, read once from the environment; nothing else here reads `os.environ`."""

import difflib
import json
import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from publicgsb.platform.kernel.errors import InvalidRequest

_PREFIX = "GSB_"
_REDIS_SCHEMES = ("redis://", "rediss://", "unix://", "redis+cluster://", "rediss+cluster://")
_OBJECT_STORE_SCHEMES = ("s3://", "file:///")
_RATE = re.compile(r"[1-9]\d*/(second|minute|hour|day)")


def _a_rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise ValueError('write a number, a slash and a unit, such as "10/hour" (second, minute, hour, day)')
    return text


def _a_web_address(text: str | None) -> str | None:
    if text is None or text == "":
        return None
    if not text.startswith(("http://", "https://")):
        raise ValueError("start with http:// or https://")
    return text.rstrip("/")


def read_peppers(given: SecretStr | None) -> dict[int, str]:
    """The peppers of other numbers. Raises ValueError, which repeats none of them."""
    try:
        found = json.loads(given.get_secret_value()) if given else {}
        peppers = {int(number): text for number, text in found.items()}
    except (AttributeError, ValueError):
        raise ValueError('GSB_OTHER_PEPPERS is not JSON like {"1": "…"}') from None
    if not all(number > 0 and isinstance(text, str) and len(text) >= 32 for number, text in peppers.items()):
        raise ValueError("GSB_OTHER_PEPPERS holds a number below 1 or a pepper shorter than 32 characters")
    return peppers


def _problems_of_peppers(given: SecretStr | None, version: int) -> list[str]:
    try:
        peppers = read_peppers(given)
    except ValueError as wrong:
        return [str(wrong)]
    return [f"GSB_OTHER_PEPPERS holds number {version}, which is that of GSB_PEPPER"] if version in peppers else []


class Settings(BaseSettings):
    """One frozen model. Secrets are wrapped, so `repr`, logs and tracebacks show stars instead of them."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_ignore_empty=True,
        validate_default=True,
    )

    state_dir: Path = Field(
        Path(".gsb"),
        description="Folder for everything that must survive a restart on this machine: embedded engines, "
        "pepper, signing key, uploads. Created with mode 0700.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="`postgresql://…` of PostgreSQL 15 or newer. Unset: an embedded PostgreSQL 18 starts.",
    )
    reader_url: SecretStr | None = Field(
        None,
        description="`postgresql://…` that answers queries: the primary or a streaming replica. Unset: "
        "the same as `database_url`.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="`redis://…`, `rediss://…` or `unix://…` of Redis 6.2 or newer, or Valkey; of a cluster "
        "`redis+cluster://host:port,host:port`, or `rediss+cluster://…`, with some of its nodes. Unset: an embedded "
        "Valkey 9 is started.",
    )
    redis_timeout_ms: int = Field(
        250,
        ge=10,
        le=10_000,
        description="How long a worker waits for Redis before rate windows move to PostgreSQL, for all workers and "
        "until Redis answers well again. A worker whose own event loop stands still for so long takes it for Redis' "
        "silence: give more where the cores are shared with other work.",
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=256, description="API processes; each has one event loop on one core.")
    pepper: SecretStr | None = Field(
        None,
        description="Secret of at least 32 characters that is mixed into every key digest; the same on every "
        "machine. Losing it makes every key invalid. Unset: made once and kept in the state folder, which is "
        "allowed for the embedded database and the demo only.",
    )
    pepper_version: int = Field(
        1, ge=1, le=1_000_000, description="Number of `pepper`, kept with each digest: one higher with each new pepper."
    )
    other_peppers: SecretStr | None = Field(
        None,
        description='Peppers of other numbers that are believed too, as JSON: `{"1": "…"}`. Earlier ones until their '
        "keys were used again (`gsb key pepper` counts them), the next one before it is put in force.",
    )
    signing_key_file: Path | None = Field(
        None,
        description="PEM file with the Ed25519 private key that signs owner tokens. Unset: made once and "
        "kept in the state folder.",
    )
    public_url: Annotated[str | None, AfterValidator(_a_web_address)] = Field(
        None,
        description="Address under which callers see this service, e.g. `https://api.example.org`. "
        "Unset: built from `host` and `port`.",
    )
    contact: str | None = Field(
        None,
        max_length=200,
        description="Where people write to whoever runs this service, e.g. `help@api.example.org`; the front page "
        "shows it. Refusals that only an operator can lift send people there.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=8,
        description="How many proxies in front append to `X-Forwarded-For`. 0: the header is not believed.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least level that is logged."
    )
    reader_connections: int = Field(8, ge=1, le=128, description="Connections per worker that answer queries.")
    control_connections: int = Field(
        4, ge=2, le=64, description="Connections per worker for keys, quotas and releases."
    )
    upload_bytes_max: int = Field(
        512 * 1024 * 1024, ge=1024, description="Largest file that an agency may upload, in bytes as sent."
    )
    object_store_url: str | None = Field(
        None,
        description="Where the files of releases lie: `s3://bucket/prefix`, with the credentials of the environment "
        "(`AWS_…`), or `file:///folder`, the same for every machine. Unset: the folder `objects` of the state folder, "
        "for one machine.",
    )
    demo: bool = Field(False, description="Set by `gsb demo`: sample agencies, and secrets may be made up.")
    rotation_overlap_hours: int = Field(
        24, ge=0, le=720, description="How long a replaced key works beside its successor, unless a rotation says."
    )
    key_silent_hours: int = Field(
        24, ge=1, le=720, description="A replaced key that nobody used for so long ends before its overlap does."
    )
    registration_limit: Annotated[str, AfterValidator(_a_rate)] = Field(
        "10/hour", description="Registrations per client address, over all workers."
    )
    guard_wait_ms: int = Field(
        25,
        ge=1,
        le=5_000,
        description="How long a request without a key waits for the shared counts of its address before its worker "
        "decides by itself, by its share of the limit. More is more exact where the cores are shared with other work.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="`smtp://user:password@host:587` or `smtps://…` of the server that takes outgoing mail; `gsb jobs` "
        "sends. Unset: mail stays in the outbox, which `gsb org outbox` shows.",
    )
    mail_from: str = Field(
        "Public GSB <no-reply@localhost>", min_length=3, max_length=320, description="Sender of outgoing mail."
    )
    operator: str | None = Field(
        None,
        description="Address of the operator who runs `gsb`, as `gsb operator list` shows it; `--as` says it for "
        "one command. The audit names this person. Unset: whose secret is set, else the operator with the account at "
        "the terminal.",
    )
    operator_secret: SecretStr | None = Field(
        None,
        description="Secret of the operator who runs `gsb` from an account that is not theirs alone, as `gsb operator "
        "add` showed it.",
    )
    keep_releases: int = Field(
        3, ge=1, le=1000, description="Releases of a dataset that stay readable after newer ones, at least."
    )
    keep_days: int = Field(
        7, ge=0, le=3650, description="Days for which every release stays readable, however many there are."
    )
    notice_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days for which the old major of a dataset is answered after a breaking contract was announced, "
        "unless the announcement says.",
    )
    notice_days_min: int = Field(
        30,
        ge=1,
        le=3650,
        description="The fewest days of notice that an agency may give, and for which both majors are answered.",
    )
    request_seconds: float = Field(5.0, gt=0, le=300, description="Longest time one request may take.")
    statement_seconds: float = Field(
        2.0, gt=0, le=300, description="Longest time one SQL statement of a request may take."
    )

    wait_ms_max: int = Field(
        100,
        ge=0,
        le=5000,
        description="Longest time that requests may wait in a worker, for their turn and for a connection to the "
        "database, before it refuses further ones with 503; bursts of a tenth of a second excepted. 0: never for that.",
    )
    http_profile: Literal["audited", "draft-2026-08"] = Field(
        "audited",
        description="Edition of GraphQL over HTTP that decides the status of refused documents. `audited`: 200 where "
        "`application/json` was negotiated, else 400, as today's clients and the audits of npm `graphql-http` expect. "
        "`draft-2026-08`: 422 for what can be read and not run, 294 for data beside errors.",
    )
    gzip_bytes_min: int = Field(
        8192,
        ge=0,
        description="Answers of the data endpoint from this size on are compressed for callers that accept gzip. 0: "
        "none, e.g. behind a proxy that compresses. Records come to about a third of their size.",
    )
    response_bytes_max: int = Field(
        8 * 1024 * 1024, ge=1024, description="Largest answer of records, in bytes before compression."
    )

    kept_answers_bytes: int = Field(
        64 * 1024 * 1024,
        ge=0,
        description="Memory per worker for answers that are asked again; releases never change, so they never expire. "
        "0 keeps none.",
    )

    facts_spool_bytes_max: int = Field(
        256 * 1024 * 1024,
        ge=0,
        description="How much of the disk, in the state folder, usage facts may take here while the database "
        "is away; about 250 bytes each. What does not fit waits in memory, and is lost with the process.",
    )

    webhook_http: bool = Field(False, description="Webhooks may be sent to `http://` addresses too, unencrypted.")
    webhook_private: bool = Field(
        False,
        description="Webhooks may be sent to private networks and this machine. Link-local addresses, among them the "
        "metadata services of clouds, are refused even then.",
    )

    fetch_http: bool = Field(False, description="Files may be fetched from `http://` addresses too, unencrypted.")
    fetch_private: bool = Field(
        False,
        description="Files may be fetched from private networks and this machine. Link-local addresses, among them the "
        "metadata services of clouds, are refused even then.",
    )

    @model_validator(mode="after")
    def _values_fit_together(self) -> Self:
        problems = []
        if self.statement_seconds > self.request_seconds:
            problems.append("GSB_STATEMENT_SECONDS is larger than GSB_REQUEST_SECONDS")
        if self.notice_days_min > self.notice_days:
            problems.append("GSB_NOTICE_DAYS_MIN is larger than GSB_NOTICE_DAYS")
        for name, url, schemes in (
            ("DATABASE_URL", self.database_url, ("postgresql://", "postgres://")),
            ("READER_URL", self.reader_url, ("postgresql://", "postgres://")),
            ("SMTP_URL", self.smtp_url, ("smtp://", "smtps://")),
            ("REDIS_URL", self.redis_url, _REDIS_SCHEMES),
        ):
            if url is not None and not url.get_secret_value().startswith(schemes):
                problems.append(f"{_PREFIX}{name} does not start with {' or '.join(schemes)}")
        if self.object_store_url is not None and not self.object_store_url.startswith(_OBJECT_STORE_SCHEMES):
            problems.append(f"{_PREFIX}OBJECT_STORE_URL does not start with {' or '.join(_OBJECT_STORE_SCHEMES)}")
        if self.pepper is not None and len(self.pepper.get_secret_value()) < 32:
            problems.append("GSB_PEPPER is shorter than 32 characters")
        problems += _problems_of_peppers(self.other_peppers, self.pepper_version)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def base_url(self) -> str:
        """The address to print and to link to, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment and `overrides`; InvalidRequest names every problem at once."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = [_problem(detail["loc"], detail["msg"]) for detail in error.errors(include_input=False)]
        raise InvalidRequest(
            "The settings cannot be used: " + "; ".join(problems) + ".",
            hint="Each setting is described in docs/settings.md.",
            reason="settings",
            problems=problems,
        ) from None


def _problem(location: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    return f"{_PREFIX}{str(location[0]).upper()}: {text}" if location else text


def unknown_names() -> list[str]:
    """A sentence for each GSB_ variable that is no setting: a misspelt one would be silently ignored."""
    known = {_PREFIX + name.upper() for name in Settings.model_fields}
    sentences = []
    for name in sorted(set(os.environ) - known):
        if name.startswith(_PREFIX):
            near = difflib.get_close_matches(name, known, n=1)
            sentences.append(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "."))
    return sentences


def publish_settings(settings: Settings) -> None:
    """Put every value that was set into the environment, for worker processes that read it again."""
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain is not None:
            os.environ[_PREFIX + name.upper()] = str(plain)
