"""Writes the synchronous half of the SDK from the asynchronous one: `make sdk`, or `python sdk/write_sync.py`.

Each module of publicgsb_sdk/asynchronous is the same module beside that folder without its awaiting. Nothing else
differs, so one of the two is enough to read. A test writes them again and compares.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).with_name("publicgsb_sdk")
SOURCE = PACKAGE / "asynchronous"
BY_HAND = ("__init__.py", "deadline.py", "threads.py")
HEAD = "# Written from asynchronous/{name} by `make sdk`; change that one.\n"
RULES = (
    (r"\basync (?=def|with|for)", ""),
    (r"\bawait ", ""),
    (r"\bAsync(?=[A-Z])", ""),  # AsyncClient, ours and that of httpx2; AsyncIterator
    (r"\bpublicgsb_sdk\.asynchronous\b", "publicgsb_sdk"),
    (r"\b__a(enter|exit|iter|next)__\b", r"__\1__"),
    (r"\ba(next|close|iter_bytes)\b", r"\1"),
)


def written() -> Iterator[tuple[Path, str]]:
    """Each synchronous module with its text."""
    for source in sorted(SOURCE.glob("*.py")):
        if source.name not in BY_HAND:
            yield PACKAGE / source.name, synchronous(source.name, source.read_text("utf-8"))


def synchronous(name: str, text: str) -> str:
    """The text without its awaiting, in the order and lines that the linter wants."""
    for pattern, instead in RULES:
        text = re.sub(pattern, instead, text)
    for step in (["check", "--select", "I,UP028", "--fix-only", "--unsafe-fixes", "--quiet"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *step, "--stdin-filename", str(PACKAGE / name), "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
        text = done.stdout
    return HEAD.format(name=name) + text


def main() -> None:
    """Write them."""
    for path, text in written():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
