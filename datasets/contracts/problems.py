"""What is wrong with a contract: all of it at once, each with its place and a way out, in both languages."""

from dataclasses import asdict, dataclass

from publicgsb.platform.kernel.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Problem:
    path: str  # fields[3].constraints.minimum
    message_en: str
    message_fa: str
    fix: str


class Problems:
    """Collects while parsing goes on with stand-in values; `raise_if_any` ends it."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, path: str, en: str, fa: str, fix: str) -> None:
        self._found.append(Problem(path or "(the document)", en, fa, fix))

    @property
    def found(self) -> tuple[Problem, ...]:
        return tuple(self._found)

    def raise_if_any(self, subject: str = "The contract") -> None:
        if self._found:
            count = len(self._found)
            first = self._found[0]
            raise InvalidRequest(
                f"{subject} has {count} problem{'s' * (count > 1)}; first, {first.path}: {first.message_en}",
                hint=first.fix,
                reason="contract",
                problems=[asdict(problem) for problem in self._found],
            )
