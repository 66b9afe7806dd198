"""Spearman's rank correlation, with the mean rank for values that are the same."""

import math
from collections.abc import Sequence


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Between -1 and 1; of ranks, so only the order counts."""
    first, second = ranks(xs), ranks(ys)
    mean = (len(xs) + 1) / 2
    both = sum((x - mean) * (y - mean) for x, y in zip(first, second, strict=True))
    spread = math.sqrt(sum((x - mean) ** 2 for x in first) * sum((y - mean) ** 2 for y in second))
    return both / spread if spread else 0.0


def ranks(values: Sequence[float]) -> list[float]:
    """From 1, the least first."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or values[order[end]] != values[order[start]]:
            for place in order[start:end]:
                found[place] = (start + end + 1) / 2
            start = end
    return found
