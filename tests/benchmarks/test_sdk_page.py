"""The page of the SDK's figures tells each figure, and the committed one is of the script as it is."""

from collections import Counter
from pathlib import Path

from benchmarks.sdk_page import Figures, Frames, Hole, Lines, page
from tests.sdk.networks.holes import KINDS
from tests.sdk.networks.paged import FAULTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sdk-figures.md"


def figures() -> Figures:
    lines = Lines(3, Counter(exact=2, ReleaseGone=1), dict.fromkeys(FAULTS, (1, 0)), Counter(whole=3))
    holes = [Hole(kind, "Client", 39, 0.0125) for kind in KINDS]
    return Figures(lines, holes, 3.0, Frames(336_776, 0.5, 15.0, 120.0, 30.0), ["import x: median 40 ms, least 39 ms"])


def test_each_figure_is_told() -> None:
    told = page(figures())
    assert "| walks (`rows`, `pages`) | 3 | 2 | ReleaseGone 1 | 0 |" in told
    assert "| downloads | 3 | 3 | none | 0 |" in told
    assert "| Client | 39 | 12 ms |" in told and "**30 times**" in told
    assert "| `import x` | median 40 ms, least 39 ms |" in told


def test_the_committed_page_has_the_rows_and_words_that_the_script_writes() -> None:
    """A fault, a call or a sentence that was added is measured anew before it is committed."""

    def words(text: str) -> list[str]:
        return [line.split("|")[1] for line in text.splitlines() if line.startswith("| ") and "import" not in line]

    assert words(PAGE.read_text(encoding="utf-8")) != []
    told = [one for one in words(page(figures())) if one in words(PAGE.read_text(encoding="utf-8"))]
    assert told == words(page(figures()))
