"""What one worker admitted of one account within its longest window, so that a store that lost it can be told.

Pure rules with the clock passed in. Times are this worker's own monotonic clock: stores come and go with clocks of
their own, and an age means the same to all of them.
"""

from dataclasses import dataclass

from publicgsb.quotas.epochs.words import Shape

BUCKETS_MAX = 256  # per account, whatever its windows
CALL_SECONDS = 30.0  # longer than any call to a store takes


@dataclass(frozen=True, slots=True)
class Seed:
    """What a new store must know of one key: `units` of that age in a window; or slots, without width."""

    key: str
    width_ms: int | None
    age_ms: int
    units: int


class Tally:
    """Units by the moment of their grant; bounded by BUCKETS_MAX moments. Moments are those of the *sent* call: a unit
    is used within the horizon after it, so a store that counts from then on forgets it no earlier than it may.
    """

    __slots__ = ("_buckets", "_former", "_width_ms", "held", "shape", "used_at")

    def __init__(self, shape: Shape) -> None:
        self.held = 0  # slots at the last call: those in use, and those that might have been used since
        self.used_at = 0.0
        self._width_ms = 1
        self.shape = shape
        self._buckets: dict[int, list[float]] = {}  # moment of the store's clock → [units, sent at the latest]
        self._former: dict[int, list[float]] = {}  # of former epochs, by a moment of this worker's own clock
        self.bind(shape)

    def bind(self, shape: Shape) -> None:
        """Follow the plan: other windows may need other moments."""
        width = max(5, int(shape.keep_seconds * 1000 / BUCKETS_MAX) + 1)
        if width != self._width_ms:
            self.begin_epoch()
            self._width_ms = width
        self.shape = shape

    def charge(self, granted_ms: int, units: int, sent_at: float) -> None:
        bucket = self._buckets.get(granted_ms // self._width_ms)
        if bucket is None:
            self._forget(sent_at)
            self._buckets[granted_ms // self._width_ms] = [units, sent_at]
        else:
            bucket[0] += units
            bucket[1] = max(bucket[1], sent_at)

    def give_back(self, granted_ms: int, units: int) -> None:
        """Units of the current epoch that nobody used."""
        bucket = self._buckets.get(granted_ms // self._width_ms)
        if bucket is not None:
            bucket[0] = max(0, bucket[0] - units)

    def begin_epoch(self) -> None:
        """The store's clock is another one from here on; what was admitted stays admitted."""
        for units, sent in self._buckets.values():
            former = self._former.setdefault(int(sent * 1000) // self._width_ms, [0, sent])
            former[0] += units
            former[1] = max(former[1], sent)
        self._buckets = {}

    def seeds(self, now: float) -> list[Seed]:
        """All that still counts, by window and age; ages are cut to the width, so that nothing is forgotten early."""
        self._forget(now)
        admitted = [(sent, int(units)) for units, sent in (*self._former.values(), *self._buckets.values()) if units]
        seeds: list[Seed] = []
        for window in self.shape.windows:
            by_age: dict[int, int] = {}
            for sent, units in admitted:
                age = max(0, int((now - sent) * 1000)) // window.width_ms * window.width_ms
                if age <= window.keep_ms:
                    by_age[age] = by_age.get(age, 0) + units
            seeds += [Seed(window.key, window.width_ms, age, units) for age, units in by_age.items()]
        if self.shape.slots_key and self.held:
            seeds.append(Seed(self.shape.slots_key, None, 0, self.held))
        return seeds

    def is_over(self, now: float) -> bool:
        """True when nothing that was admitted counts any more, nor anything of a call that may still be under way."""
        return not self.held and now - self.used_at > self.shape.keep_seconds + CALL_SECONDS

    def _forget(self, now: float) -> None:
        oldest = now - self.shape.keep_seconds
        for kept in (self._former, self._buckets):
            for moment in [moment for moment, (_, sent) in kept.items() if sent < oldest]:
                del kept[moment]
