"""The rows about windows and the ledger, as findings: the same plays as in make prove, in the long form."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.chaos import windows
from tests.chaos.ground import Ground
from tests.chaos.kills import kills as play_kills
from tests.chaos.ledger_scale import (
    KILLS_LONG,
    KILLS_SHORT,
    MONTH_LONG,
    MONTH_SHORT,
    RUSH_LONG,
    RUSH_SHORT,
    LedgerScale,
)
from tests.chaos.ledger_stage import LedgerStage, stage
from tests.chaos.month import month as play_month
from tests.chaos.outcome import Outcome
from tests.chaos.report.finding import Finding, at_most, exactly, share_of_at_least
from tests.chaos.rush import rush as play_rush
from tests.chaos.scale import CROWD_LONG, CROWD_SHORT, LONG, SHORT
from tests.chaos.stage import Stage

Found = TypeVar("Found")

HOLD_MS_MAX, LOOP_GAP_MS_MAX = 1_000, 50
SUCCESS_MIN, USED_MIN = 0.999, 0.95

_DID: dict[windows.Play, str] = {
    windows.flushall: "FLUSHALL of Redis, {faults} times",
    windows.kill_and_empty_restart: "Redis killed with -9 and started empty, {faults} times",
    windows.stall: "Redis stopped for 3 s and continued, {faults} times",
    windows.absent: "no Redis at all, from before the start",
    windows.bad_line: "a proxy before Redis that delays 20 % of writes by 200–800 ms and cuts 1 %, "
    "{faults} times on and off",
}


async def crowd(ground: Ground) -> Finding:
    scale = CROWD_SHORT if ground.is_short else CROWD_LONG
    with ground.database() as database_url, ground.folder() as folder:
        outcome = await windows.nothing_wrong(Stage(database_url, folder), scale)
    return Finding(
        did=f"{scale.workers} processes × {scale.tasks} tasks ask one account for 1 to 5 points, "
        f"as fast as they are answered, for {scale.seconds:g} s",
        claims=(
            at_most("most in any true 2 s window", outcome.most_in_any_window, outcome.limit),
            share_of_at_least("used of the ideal", outcome.used, USED_MIN),
        ),
        figures=(f"{outcome.admitted:,} points admitted", f"loop gap {outcome.loop_gap_ms} ms"),
        seed=scale.seed,
        series=_series(outcome),
    )


def fault(play: windows.Play) -> Callable[[Ground], Awaitable[Finding]]:
    """A fault of Redis under load."""

    async def played(ground: Ground) -> Finding:
        scale = SHORT if ground.is_short else LONG
        with ground.database() as database_url, ground.folder() as folder:
            outcome = await play(Stage(database_url, folder), scale)
        did = _DID[play].format(faults=scale.faults)
        return Finding(
            did=f"{did}; {scale.workers} processes, {outcome.seconds:g} s",
            claims=(
                exactly("over-admission", outcome.over_admitted, 0),
                share_of_at_least("success", outcome.success, SUCCESS_MIN),
                at_most("longest hold", outcome.longest_hold_ms, HOLD_MS_MAX, " ms"),
                at_most("loop gap", outcome.loop_gap_ms, LOOP_GAP_MS_MAX, " ms"),
            ),
            figures=(
                f"most in any true window {outcome.most_in_any_window} of {outcome.limit}",
                f"{outcome.paced:,} requests of the account below its limits",
                f"{outcome.epochs} epochs",
                *(f"{count} × {name}" for name, count in outcome.failures.items()),
            ),
            seed=scale.seed,
            series=_series(outcome),
        )

    return played


def _series(outcome: Outcome) -> dict[str, list[tuple[float, float]]]:
    return {"admitted": [(at, units) for at, units in outcome.over_time], "faults": list(outcome.struck)}


async def month(ground: Ground) -> Finding:
    scale = MONTH_SHORT if ground.is_short else MONTH_LONG
    outcome = await _on_the_ledger(ground, scale, play_month)
    return Finding(
        did=f"{scale.workers} processes spend {scale.limit:,} points at prices of 1 to 50, then of 1, to the end",
        claims=(
            exactly("settled in the ledger", outcome.ledger, scale.limit),
            exactly("written down as facts", outcome.facts, scale.limit),
            exactly("admitted by the processes' own count", outcome.admitted, scale.limit),
            exactly("breaches found by the minute's check", outcome.breaches, 0),
        ),
        seed=scale.seed,
    )


async def rush(ground: Ground) -> Finding:
    scale = RUSH_SHORT if ground.is_short else RUSH_LONG
    outcome = await _on_the_ledger(ground, scale, play_rush)
    refused = ", ".join(f"{count:,} × {code}" for code, count in sorted(outcome.refused.items()))
    return Finding(
        did=f"{outcome.at_once:,} at once from {scale.workers} processes for an account of 1 point, "
        f"{scale.rounds} times",
        claims=(exactly("rounds with exactly one admitted", outcome.admitted.get(1, 0), scale.rounds),),
        figures=(f"refused: {refused}",),
        seed=scale.seed,
    )


async def kills(ground: Ground) -> Finding:
    scale = KILLS_SHORT if ground.is_short else KILLS_LONG
    outcome = await _on_the_ledger(ground, scale, play_kills)
    per_kill = scale.limit // 1_000
    listed = ", ".join(f"{lost:,}" for lost in outcome.lost[:-1])
    return Finding(
        did=f"half of {scale.workers} processes that spend {scale.limit:,} points killed with -9 and replaced, "
        f"{scale.rounds} times; then one stopped for {scale.stop_seconds:g} s and continued",
        claims=(
            exactly("over-admission", outcome.over_admitted, 0),
            exactly("admitted and lost together", outcome.admitted + sum(outcome.lost), scale.limit),
            at_most("most lost by a kill", max(outcome.lost), per_kill),
            exactly("breaches found by the minute's check", outcome.breaches, 0),
        ),
        figures=(
            f"{outcome.kills} kills lost {listed}",
            f"the stopped one lost {outcome.lost[-1]:,}",
            f"admitted {outcome.admitted:,}, facts {outcome.facts:,}",
        ),
        seed=scale.seed,
    )


async def _on_the_ledger(
    ground: Ground, scale: LedgerScale, play: Callable[[LedgerStage, LedgerScale], Awaitable[Found]]
) -> Found:
    with ground.database() as database_url, ground.redis() as redis_url, ground.folder() as folder:
        async with stage(database_url, redis_url, folder, scale.seed) as on:
            return await play(on, scale)
