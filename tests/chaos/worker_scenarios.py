"""The rows about PostgreSQL, the cost of a hit and limits by address, as findings."""

from collections.abc import Awaitable, Callable

from benchmarks import guarding
from benchmarks.effort import FULL, QUICK

from publicgsb.platform.server.migrate import migrate
from tests.chaos.ground import Ground
from tests.chaos.hit import HIT_LONG, HIT_SHORT
from tests.chaos.hit import hit as play_hit
from tests.chaos.ledger_stage import stage
from tests.chaos.postgres import exact
from tests.chaos.postgres.away import AWAY_SHORT, LEASED_SECONDS, AwayScale
from tests.chaos.postgres.away import away as play_away
from tests.chaos.postgres.lost_answers import losing_line
from tests.chaos.postgres.own import OwnPostgres
from tests.chaos.report.finding import Claim, Finding, at_most, exactly, share_of_at_least

LEASED_MIN = 0.99
HIT_US_MAX, CALLS_PER_REQUEST_MAX = 15.0, 0.05
GAP_MS_MAX = 50.0


async def postgres_stops(ground: Ground) -> Finding:
    scale = exact.STOPS_SHORT if ground.is_short else exact.STOPS_LONG
    with ground.redis() as redis_url, ground.folder() as folder, OwnPostgres(folder) as postgres:
        await migrate(postgres.url)
        async with stage(postgres.url, redis_url, folder, scale.seed) as on:
            outcome = await exact.stops(on, scale, postgres)
    did = f"PostgreSQL stopped at once (no checkpoint) and recovered, {outcome.faults} times"
    return _exact(did, outcome, scale.seed)


async def lost_acknowledgements(ground: Ground) -> Finding:
    scale = exact.LOST_SHORT if ground.is_short else exact.LOST_LONG
    with ground.redis() as redis_url, ground.folder() as folder, OwnPostgres(folder) as postgres:
        await migrate(postgres.url)
        async with (
            losing_line(postgres.url, seed=scale.seed, probability=exact.LOST_PROBABILITY) as (line, url),
            stage(url, redis_url, folder, scale.seed) as on,
        ):
            outcome = await exact.lost_answers(on, scale, line)
    did = (
        f"{exact.LOST_PROBABILITY:.0%} of the answers to commits lost and the connection with them, "
        f"{outcome.faults:,} times"
    )
    return _exact(did, outcome, scale.seed)


def _exact(did: str, outcome: exact.ExactOutcome, seed: int) -> Finding:
    return Finding(
        did=f"{did}, while {outcome.workers} processes spend {outcome.limit:,} points to the end",
        claims=(
            exactly("over-admission", max(0, outcome.admitted - outcome.limit), 0),
            exactly("admitted", outcome.admitted, outcome.limit),
            exactly("settled in the ledger", outcome.ledger, outcome.limit),
            exactly("written down as facts", outcome.facts, outcome.limit),
            exactly("breaches found by the minute's check", outcome.breaches, 0),
        ),
        figures=(f"{outcome.faults:,} faults", f"{outcome.replayed:,} facts came by way of the disk"),
        seed=seed,
    )


def postgres_away(long: AwayScale) -> Callable[[Ground], Awaitable[Finding]]:
    async def played(ground: Ground) -> Finding:
        scale = AWAY_SHORT if ground.is_short else long
        with ground.folder() as folder:
            outcome = await play_away(folder, scale)
        answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(outcome.answers.items()))
        others = [str(status) for status in (*outcome.refusals, *outcome.answers) if status not in (200, 503)]
        refused = sum(outcome.refusals.values())
        return Finding(
            did=f"PostgreSQL away for {scale.away_seconds:g} s while {scale.workers} processes take points "
            f"({scale.paced_per_second} requests/s each) and `gsb serve` with 2 workers answers 4 callers",
            claims=(
                exactly("over-admission", outcome.windows.over_admitted, 0),
                share_of_at_least(
                    f"served from leases in {min(LEASED_SECONDS, scale.away_seconds):g} s", outcome.leased, LEASED_MIN
                ),
                Claim("refusals other than 503 with Retry-After", ", ".join(others) or "0", not others),
                exactly("breaches found by the minute's check", outcome.breaches, 0),
            ),
            figures=(
                f"refused for points in the whole run: {refused:,}",
                f"`gsb serve`: {answers}",
                f"last refusal after PostgreSQL was back: points {outcome.quota_recovery_seconds:g} s, "
                f"answers {outcome.answers_recovery_seconds:g} s",
            ),
            seed=scale.seed,
            series=outcome.over_time,
        )

    return played


async def hit(ground: Ground) -> Finding:
    scale = HIT_SHORT if ground.is_short else HIT_LONG
    with ground.database() as database_url, ground.folder() as folder:
        outcome = await play_hit(database_url, folder, scale)
    redis, database = outcome.calls
    return Finding(
        did=f"{scale.paced_per_second} requests/s by one key to one worker for {scale.seconds:g} s: read the "
        "credential, know the key, take and settle 1 to 3 points under four limits; then hits back to back",
        claims=(
            at_most("processor time of a hit, back to back", round(outcome.us_warm, 1), HIT_US_MAX, " µs"),
            at_most("store calls per request", round(outcome.calls_per_request, 4), CALLS_PER_REQUEST_MAX),
        ),
        figures=(
            f"one by one, each after 2 ms of sleep, with cold caches: p50 {outcome.us_cold:.1f} µs",
            f"{outcome.hits:,} of {outcome.requests:,} requests were hits, which ask nobody",
            f"{redis:,} calls to Redis and {database:,} statements",
            f"idle in the same time {outcome.idle_calls[0]:,} and {outcome.idle_calls[1]:,}",
        ),
        seed=scale.seed,
    )


async def side_by_side(ground: Ground) -> Finding:
    effort = QUICK if ground.is_short else FULL
    with ground.folder() as folder:
        found = await guarding.find(folder, effort)
    ours = found["ours"]
    three = {"slowapi": "slowapi", "moving": "moving window", "ours": "ours"}
    return Finding(
        did=f"an endpoint limited by slowapi on Redis, by the moving window of `limits` and by ours, asked in turns; "
        f"then their Redis stopped for {guarding.STALL_SECONDS} s",
        claims=(
            at_most("our loop gap when Redis stalls", round(ours.gap_ms, 1), GAP_MS_MAX, " ms"),
            at_most("our slowest answer when Redis stalls", round(ours.worst_ms, 1), GAP_MS_MAX, " ms"),
        ),
        figures=(
            "added latency: "
            + ", ".join(f"{name} {guarding.added(found, one):,.0f} µs" for one, name in three.items()),
            "loop gap: " + ", ".join(f"{name} {found[one].gap_ms:,.0f} ms" for one, name in three.items()),
            "stored: " + ", ".join(f"{name} {found[one].store_bytes:,} bytes" for one, name in three.items()),
        ),
        section=guarding.section(found, effort),
    )
