"""What the show says: plain lines for whoever watches, one JSON document for programs, and what it waits for."""

import json
import sys
import time
from typing import Any


class Teller:
    """Lines on standard output; what is waited for on standard error, if somebody watches it."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._watched = sys.stderr.isatty()
        self._began = time.monotonic()

    def scene(self, number: int, scenes: int, title: str) -> None:
        self.line("")
        self.line(f"[{number}/{scenes}] {title}")

    def line(self, text: str) -> None:
        self.waiting("")
        if not self._as_json:
            print(text, flush=True)

    def step(self, text: str) -> None:
        self.line(f"  {text}")

    def waiting(self, text: str) -> None:
        """Written over by what comes next."""
        if self._watched:
            sys.stderr.write(f"\r\033[K{text and f'  … {text} ({time.monotonic() - self._began:.0f} s)'}")
            sys.stderr.flush()

    def end(self, facts: dict[str, Any]) -> None:
        if self._as_json:
            print(json.dumps(facts, ensure_ascii=False, indent=2))
