"""The rows of docs/reliability.md: what is done to the system and what must hold, whether or not it was measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """One row; `number` is its place in the table, and what scenarios name."""

    number: int
    test: str
    must: str


_KEYS = (
    (
        "16 processes × 32 tasks, one key, a window of 100 per 2 s, random prices, 60 s",
        "at most 100 in any true 2 s window; ≥ 95 % of the ideal used",
    ),
    (
        "a month's quota of 1,000,000, 16 processes, random prices, closed by a caller at the price of 1",
        "exactly 1,000,000 settled; ledger = facts to the unit",
    ),
    ("a limit of 1, 1,000 at once, 200 times", "exactly one admitted each time"),
    (
        "six policies, one exhausted, 10,000 random cases against a reference model",
        "no change in the other five",
    ),
    (
        "FLUSHALL; kill -9 and empty restart of Redis; a stall of 3 s; Redis absent for the whole run; a proxy that "
        "delays 20 % of writes by 200–800 ms and cuts 1 %",
        "over-admission 0; success ≥ 99.9 %; longest hold ≤ 1 s; loop gap ≤ 50 ms",
    ),
    (
        "kill -9 of half the workers, 10 times; SIGSTOP for 60 s, then CONT",
        "over-admission 0; unused ≤ 0.1 % of the limit per kill, listed",
    ),
    (
        "PostgreSQL stopped at once and recovered; down for 15 s; for 60 s; acknowledgements of commits lost",
        "over-admission 0; ≥ 99 % of points served from leases in 15 s (the service itself fences after 2 s); then 503 "
        "with Retry-After, no 500",
    ),
    (
        "10,000 revocations under load on 8 workers",
        "0 served to requests sent after the call returned; barrier p50 ≤ 50 ms, p99 ≤ 500 ms",
    ),
    ("rotation under load", "0 failed calls in the overlap"),
    (
        "1,000,000 keys; every 1-character edit of a sample; the scanner over all source text on the machine, up to "
        "200 MB",
        "no duplicate; all caught offline; no false hit",
    ),
    (
        "an unknown id against a wrong secret, 100,000 each; every credential in every place where it may be put",
        "Welch t < 4.5; no secret in any log, trace, metric or error",
    ),
    (
        "JWT: alg none, HS256 with the public key, wrong kid, b64, crit, audience list, issuer prefix, expiry edge; "
        "10,000 unknown kids",
        "all 401, no outbound request",
    ),
    (
        "key and quota of a request whose lease has room",
        "≤ 15 µs of processor back to back, no network; ≤ 0.05 store calls per request at 500 requests/s per key and "
        "worker",
    ),
    ("four `gsb serve` processes behind nginx (Debian)", "the same exactness"),
    (
        "the same endpoint limited by slowapi on Redis, by the moving window of `limits`, by ours",
        "added latency, loop gap and memory side by side",
    ),
)
_RELEASING = (
    (
        "kill -9 at 100 random moments of ingestion and release, of `gsb jobs` and of `gsb dataset release`, under "
        "readers",
        "the old release serves or the whole new one; nothing half-published; no orphan after the sweep; the job "
        "resumes and publishes once",
    ),
    (
        "a disk full: of uploads, of rows being checked, of files being made and kept, of the database's tables",
        "a clear error; the old release serves; what was written is given back; with room again all goes on",
    ),
    (
        "PostgreSQL restarted in the middle of releases, in order and by a crash",
        "the job resumes and publishes once; readers are told 503 at most",
    ),
    (
        "the jobs process killed, or stopped for longer than its lease, with a job in its hands",
        "another takes over by itself; published once",
    ),
    (
        "two publishers at terminals and two files over HTTP at once, for one dataset",
        "one wins, the others wait or are told CONFLICT; never mixed",
    ),
    ("50 swaps under load: nested pages and walks by cursor on 2 workers", "0 failed requests, 0 mixed pages"),
    (
        "zip bombs, lines of 10 GB, formula cells, external entities, path tricks, a million columns",
        "a clear error; bounded memory",
    ),
)

DEMANDS = tuple(Demand(number, *texts) for number, texts in enumerate((*_KEYS, *_RELEASING), 1))
TABLES = (("Keys and quotas", DEMANDS[: len(_KEYS)]), ("Releasing", DEMANDS[len(_KEYS) :]))
"""The page has a table for each part of them."""
