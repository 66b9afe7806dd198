"""What the parts of a run found, kept in the state folder, so that one part can be measured again by itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """Of one part: figures by the keys of rows.ROWS, and its section of the page."""

    values: Mapping[str, float]
    section: str
    facts: Mapping[str, str] = field(default_factory=dict)  # more about the machine, such as versions of peers


class Run:
    """The results of one run by part, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def forget(self) -> None:
        """A run of everything begins with nothing."""
        for file in self._folder.glob("*.json"):
            file.unlink()

    def keep(self, part: str, result: Result) -> None:
        text = json.dumps(asdict(result), ensure_ascii=False, indent=1)
        (self._folder / f"{part}.json").write_text(text, encoding="utf-8")

    def results(self) -> dict[str, Result]:
        return {
            file.stem: Result(**json.loads(file.read_text(encoding="utf-8")))
            for file in sorted(self._folder.glob("*.json"))
        }
