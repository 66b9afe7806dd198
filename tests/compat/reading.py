"""What the checks of readers of files have in common: all columns of a release, value by value."""

from collections.abc import Mapping

from tests.compat.ground import Ground
from tests.compat.known import VILLAGES, WEATHER, of_csv, released

TEXTS_AND_NUMBERS = (VILLAGES, WEATHER)
CHECKED = f"every value of {VILLAGES} and {WEATHER}"


def check_columns(ground: Ground, dataset: str, found: Mapping[str, str], *, digits: int = 17) -> None:
    """`found` is what `columns.told` made of the table that a tool has read."""
    wanted = released(ground.url, dataset, digits=digits)
    assert list(found) == list(wanted)
    wrong = {name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]}
    assert not wrong, wrong


def check_csv(ground: Ground, dataset: str, text: str, *, digits: int = 17) -> None:
    """A CSV that a tool wrote of what it has read; with as many digits as it writes."""
    check_columns(ground, dataset, of_csv(dataset, text, digits=digits), digits=digits)


def snippets(snippet: str, datasets: tuple[str, ...] = TEXTS_AND_NUMBERS) -> dict[str, str]:
    """The same lines for each of the datasets, of which the page shows the first."""
    assert datasets[0] in snippet
    return {dataset: snippet.replace(datasets[0], dataset) for dataset in datasets}


def check_by_python(ground: Ground, snippet: str, proof: str, own: str | None = None) -> None:
    """`proof` ends with a call of `columns.tell`."""
    for dataset, program in snippets(snippet).items():
        check_columns(ground, dataset, ground.python(program, f"from tests.compat.columns import tell\n{proof}", own))
