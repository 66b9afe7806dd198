"""What is wrong with a contract: all of it at once, each with its place and a way out, in both languages."""

from dataclasses import asdict, dataclass

from publicgsb.platform.kernel.errors import InvalidRequest

KEPT_MAX = 1_000  # of one document; the others are counted
_PATH_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Problem:
    path: str  # fields[3].constraints.minimum
    code: str  # missing, malformed, unknown, rule, neighbour, address
    message_en: str
    message_fa: str
    fix: str


class Problems:
    """Collects while parsing goes on with stand-in values; `raise_if_any` ends it. `code` is that of most of them."""

    def __init__(self, code: str = "rule") -> None:
        self.count = 0
        self._code = code
        self._found: list[Problem] = []

    def add(self, path: str, en: str, fa: str, fix: str, code: str | None = None) -> None:
        self.count += 1
        if self.count <= KEPT_MAX:
            place = path[:_PATH_LENGTH_MAX] or "(the document)"
            self._found.append(Problem(place, code or self._code, en, fa, fix))

    @property
    def found(self) -> tuple[Problem, ...]:
        return tuple(self._found)

    def told(self) -> list[dict[str, str]]:
        return [asdict(problem) for problem in self._found]

    def raise_if_any(self, subject: str = "The contract") -> None:
        if self._found:
            first = self._found[0]
            raise InvalidRequest(
                f"{subject} has {self.count} problem{'s' * (self.count > 1)}; first, {first.path}: {first.message_en}",
                hint=first.fix,
                reason="contract",
                problems=self.told(),
            )
