"""Six policies as a caller meets them, and the model that they are held against."""

from dataclasses import dataclass, field

BURST, MINUTE, MONTH, AT_ONCE, DATASET, PLATFORM = POLICIES = (
    "burst", "minute", "month", "concurrency", "dataset", "platform",
)  # fmt: skip


@dataclass(slots=True)
class Model:
    """All or nothing over six limits; a request runs until it is settled."""

    limits: dict[str, int]
    used: dict[str, int] = field(default_factory=lambda: dict.fromkeys(POLICIES, 0))
    running: list[int] = field(default_factory=list)

    def take(self, points: int) -> bool:
        costs = {name: 1 if name == AT_ONCE else points for name in POLICIES}
        if any(self.used[name] + cost > self.limits[name] for name, cost in costs.items()):
            return False
        for name, cost in costs.items():
            self.used[name] += cost
        self.running.append(points)
        return True

    def settle(self, points: int) -> None:
        """The request that began first ends, having used so many of its points."""
        unused = self.running.pop(0) - points
        for name in POLICIES:
            self.used[name] -= 1 if name == AT_ONCE else unused
