"""How many distinct values have a form and how many fit it, in bounded memory however long the column is."""

from collections.abc import Sequence
from math import exp, lgamma, log, log1p

_SAMPLE_MAX = 4_096
_HITS_MAX = 4_096
_MIX = 0x9E3779B97F4A7C15  # 2^64 divided by the golden ratio: spreads keys that follow one another
_MASK = (1 << 64) - 1


class Tally:
    """Counts distinct keys. Exact up to 4,096; above, a sample by hash, halved whenever it is full.

    The sample is of distinct keys, not of rows, so it does not matter how often a value stands in the column, and
    equal files give equal counts. Fitting keys are kept exactly while they are few, so that a single one in a
    million rows is not lost with the sample. `passed` numbers were seen before it
    counted, and are taken for others that do not fit.
    """

    __slots__ = ("_hits", "_level", "_passed", "_sample")

    def __init__(self, passed: int = 0) -> None:
        self._passed = passed
        self._sample: dict[int, bool] = {}
        self._hits: set[int] = set()
        self._level = 0

    def add(self, key: int, is_fit: bool) -> None:
        self.add_all((key,), (key,) if is_fit else ())

    def add_all(self, keys: Sequence[int], fitting: Sequence[int]) -> None:
        """`fitting` are those of `keys` that fit."""
        if fitting and len(self._hits) < _HITS_MAX:
            self._hits.update(fitting)
        if self._level:
            keys, fitting = self._sampled(keys), self._sampled(fitting)
        self._sample |= dict.fromkeys(keys, False) | dict.fromkeys(fitting, True)
        while len(self._sample) > _SAMPLE_MAX:
            self._level += 1
            kept = set(self._sampled(list(self._sample)))
            self._sample = {key: fit for key, fit in self._sample.items() if key in kept}

    @property
    def distinct(self) -> int:
        return self._passed + (len(self._sample) << self._level)

    @property
    def matched(self) -> int:
        if self._level == 0 or len(self._hits) < _HITS_MAX:
            return min(len(self._hits), self.distinct)
        return sum(self._sample.values()) << self._level

    def _sampled(self, keys: Sequence[int]) -> list[int]:
        below = 1 << (64 - self._level)
        return [key for key in keys if key * _MIX & _MASK < below]


def chance_of(matched: int, distinct: int, rate: float) -> float:
    """How likely it is that at least `matched` of `distinct` unrelated values fit, when a share `rate` does."""
    if matched <= distinct * rate:
        return 1.0
    total = 0.0
    for k in range(matched, distinct + 1):
        ways = lgamma(distinct + 1) - lgamma(k + 1) - lgamma(distinct - k + 1)
        term = exp(ways + k * log(rate) + (distinct - k) * log1p(-rate))
        total += term
        if term <= total * 1e-9:  # also where both are too small to be told from 0
            break
    return total
