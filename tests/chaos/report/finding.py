"""What a scenario found out: each claim with what was measured for it, and whether it held."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Claim:
    """`says` is what must hold, `found` what was measured."""

    says: str
    found: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """`did`: to the system, in words. `figures`: what else was measured. `series`: of a picture, by name.

    `section`: more for the page, as Markdown.
    """

    did: str
    claims: tuple[Claim, ...]
    figures: tuple[str, ...] = ()
    seed: int | None = None
    series: Mapping[str, Points] = field(default_factory=dict)
    section: str = ""

    @property
    def is_met(self) -> bool:
        return bool(self.claims) and all(claim.is_met for claim in self.claims)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def finding_from_json(kept: Mapping[str, Any]) -> Finding:
    return Finding(
        did=kept["did"],
        claims=tuple(Claim(**claim) for claim in kept["claims"]),
        figures=tuple(kept["figures"]),
        seed=kept["seed"],
        series={name: [(x, y) for x, y in points] for name, points in kept["series"].items()},
        section=kept["section"],
    )


def broken(did: str, how: str) -> Finding:
    """A scenario that did not come to its end has met nothing."""
    return Finding(did, (Claim("it plays to its end", how, False),))


def exactly(says: str, found: int, wanted: int) -> Claim:
    return Claim(says, f"{found:,}", found == wanted)


def at_most(says: str, found: float, most: float, unit: str = "") -> Claim:
    return Claim(says, f"{found:,.4g}{unit}" if isinstance(found, float) else f"{found:,}{unit}", found <= most)


def share_of_at_least(says: str, found: float, least: float) -> Claim:
    """A share of 1, told in percent and never rounded up to what it is not."""
    percent = int(found * 100_000) / 1_000
    return Claim(says, f"{percent:g} %", found >= least)
