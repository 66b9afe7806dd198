"""The time of a refusal does not tell which key ids exist: Welch's t over 100,000 refusals of each kind.

How noise is kept out, so that the figure speaks of the code: both kinds are asked in turns, ABBA and BAAB, so that what
grows or fades meanwhile weighs on both alike; on one thread without any I/O; time is the thread's own processor time,
which a busy machine does not lengthen by waiting; the collector is off. What a busy machine adds by chance, and what
comes of where a round's records happen to lie in memory, differs from round to round, so each round has keys of its own
and a figure is what all of them agree on. A step too many shows in every round, and in the same direction.

All times count. Without the outer ones a refusal of 11 µs shows ten nanoseconds that come of which records lie in the
processor's caches, and of no step in the code; with them one step too many shows all the same: asking unknown ids alone
whether they are tokens (0.19 µs, or 1.4 %) made a t of 3.3 to 6.7, and asking all of them one of 0.1 to 1.1. Rings with
planted differences, one HMAC more and one HMAC less, show that the measure can see one.
"""

import gc
import math
import statistics
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from publicgsb.apikeys import keyring as keyring_module
from publicgsb.apikeys.format import checksum, digest, draw
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import Unauthenticated

from .conftest import PEPPER, Worker

EACH = 100_000
KEYS = 100  # of each kind in a round
ROUNDS = 5  # the next one is played only while all before agree on a difference
T_MAX = 4.5
NO_DIGEST = bytes(32)

pytestmark = pytest.mark.prove

Refuse = Callable[[str], None]
Texts = tuple[list[str], list[str]]


def _with_another_secret(key: str) -> str:
    body = key[:13] + draw(KeyKind.LIVE).text[13:45]
    return body + checksum(body)


def _at_once(step: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that waits for nothing, without a loop around it; it must be refused."""
    try:
        step.send(None)
    except Unauthenticated as refused:
        assert refused.details["reason"] == "unknown"
    else:
        raise AssertionError("it was accepted, or it waited")


def _refuser(keyring: KeyRing) -> Refuse:
    """What a request with a wrong key goes through: memory, then the question why."""

    def refuse(token: str) -> None:
        assert keyring.cached(token) is None
        _at_once(keyring.authenticate(token))

    return refuse


def _welch(first: Sequence[int], second: Sequence[int]) -> float:
    difference = statistics.fmean(first) - statistics.fmean(second)
    return difference / math.sqrt(statistics.variance(first) / len(first) + statistics.variance(second) / len(second))


def _times(refuse: Refuse, one: Sequence[str], other: Sequence[str], each: int) -> tuple[list[int], list[int]]:
    """Nanoseconds of `each` refusals of both kinds."""
    times: tuple[list[int], list[int]] = ([], [])
    clock = time.thread_time_ns
    texts = (one, other)
    turns = (0, 1, 1, 0, 1, 0, 0, 1)
    gc.disable()
    try:
        for _ in range(each * 2 // len(turns)):
            for kind in turns:
                text = texts[kind][len(times[kind]) % len(one)]
                began = clock()
                refuse(text)
                times[kind].append(clock() - began)
    finally:
        gc.enable()
    return times


def _agreed(found: Sequence[float]) -> float:
    """The t that every round reaches in the same direction; 0 when they do not agree on one."""
    return max(min(found), -max(found), 0.0)


@pytest.fixture
async def rounds(keys: ApiKeys, worker: Worker) -> list[Texts]:
    """Of ids that do not exist, and of keys that do with other secrets: what the ring knows of all is in its memory.

    Those of one round begin with the one kind, those of the next with the other.
    """

    async def real() -> list[str]:
        drawn = [(await keys.register("Rah", "rah@example.ir", "cheap travel")).key.secret for _ in range(KEYS)]
        for token in drawn:
            await worker.keyring.authenticate(token)
        return [_with_another_secret(key) for key in drawn]

    async def unknown() -> list[str]:
        drawn = [draw(KeyKind.LIVE).text for _ in range(KEYS)]
        for token in drawn:
            with pytest.raises(Unauthenticated):
                await worker.keyring.authenticate(token)
        return drawn

    made: list[Texts] = []
    for number in range(ROUNDS):
        if number % 2:
            others = await real()
            made.append((await unknown(), others))
        else:
            made.append((await unknown(), await real()))
    return made


@pytest.fixture
def still(rounds: list[Texts], worker: Worker, monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    """The ring of a worker whose loop stands still for the time of the measure: what it remembers stays valid."""
    monkeypatch.setattr(type(worker.pulse), "is_fresh", property(lambda _: True))
    monkeypatch.setattr(worker.keyring, "_clock", lambda: 1_800_000_000.0)
    ring = worker.keyring
    for key_id in ring._unknown:
        ring._unknown[key_id] = 1_900_000_000.0
    return ring


async def test_an_unknown_id_and_a_wrong_secret_take_the_same_time(
    rounds: list[Texts], still: KeyRing, record_property: Callable[[str, object], None]
) -> None:
    refuse = _refuser(still)
    found: list[float] = []
    for texts in rounds:
        _times(refuse, *texts, 5_000)
        found.append(_welch(*_times(refuse, *texts, EACH)))
        if _agreed(found) < T_MAX:
            break
    record_property("welch_t", round(_agreed(found), 2))
    record_property("rounds", len(found))
    assert _agreed(found) < T_MAX, f"Welch's t of {len(found)} rounds: {found}"


@pytest.mark.parametrize("leak", ["more", "less"])
async def test_the_measure_sees_one_hmac(
    rounds: list[Texts], still: KeyRing, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    """As if an id that does not exist were refused without asking for its digest, or asked for once too often."""
    known = {text[5:13] for _, others in rounds for text in others}

    def leaky(pepper: bytes, text: str) -> bytes:
        if text[5:13] in known:
            return digest(pepper, text)
        return digest(PEPPER, text) and digest(pepper, text) if leak == "more" else NO_DIGEST

    monkeypatch.setattr(keyring_module, "digest", leaky)
    refuse = _refuser(still)
    assert _agreed([_welch(*_times(refuse, *texts, EACH // 10)) for texts in rounds]) > T_MAX
