"""The long run as a page: docs/long-run.md."""

import time
from collections.abc import Sequence
from typing import Any

from benchmarks.lines import Seen


def page(looks: Sequence[tuple[int, dict[str, Any]]], warm_up: int, seconds: float, seen: Seen) -> str:
    """`looks` are what the worker told of its memory, after how many requests."""
    warm = next(memory for asked, memory in looks if asked >= warm_up)
    asked, end = looks[-1]
    growth = end["resident_mb"] / warm["resident_mb"] - 1
    statuses = ", ".join(f"{count:,} × {status}" for status, count in sorted(seen.statuses.items()))
    failures = ", ".join(f"{count:,} × {why}" for why, count in seen.failures.most_common()) or "none"
    curve = "\n".join(f"| {at:,} | {memory['resident_mb']:.1f} |" for at, memory in looks if at >= warm_up)
    filled = "\n".join(
        f"| {name} | {warm['filled'][name][0]:,.0f} | {size:,.0f} | {f'{most:,.0f}' if most else ''} |"
        for name, (size, most) in end["filled"].items()
    )
    return f"""# The long run

Written by `make prove-long` on {time.strftime("%Y-%m-%d")}: one worker is asked requests of every kind (look-ups, pages
forward and behind cursors, nested lists, aggregates, searches, places, change feeds, earlier releases, GET with and
without a tag, documents by hash, documents that nobody sent before, introspection, slices, pages of the portal, refused
ones, strangers, and clients that leave without waiting), while releases land and a contract changes. Memory may grow by
5 % after the warm-up, which goes on until what a worker remembers of documents, bodies, searches and answers is full,
and then, with releases, until 50,000 requests make it grow by less than 2 %.
Worker, load and engines share the cores, so `GSB_REDIS_TIMEOUT_MS` is 1000; all else is as it is when nothing is set.

| what | figure |
|---|---|
| requests after the warm-up | {asked - warm_up:,} in {seconds:,.0f} s |
| memory after the warm-up of {warm_up:,} requests | {warm["resident_mb"]:.1f} MB |
| memory at the end | {end["resident_mb"]:.1f} MB |
| **growth** | **{growth:+.1%}** |
| statuses | {statuses} |
| answers 5xx | {failures} |
| clients that left without waiting | {seen.left:,} |
| requests that met a closing connection and were asked again | {seen.closed:,} |
| answers broken off | {seen.lost:,} |

| requests | memory in MB |
|---|---|
{curve}

| what the worker remembers | after the warm-up | at the end | at most |
|---|---|---|---|
{filled}
"""
