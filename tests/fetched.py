"""Commands that fetch what a test needs from a registry: what fails once is tried again, a registry may be away."""

import subprocess
import time
from pathlib import Path

FETCH_SECONDS = 900
TRIES = 3
PAUSE_SECONDS = 5


def fetch(*command: str, folder: Path | None = None) -> None:
    """Run it in `folder`. Raises what `subprocess.run` raised at the last try, with what the command complained of."""
    for left in reversed(range(TRIES)):
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=FETCH_SECONDS)
            return
        except subprocess.CalledProcessError as error:
            if not left:
                error.add_note(error.stderr[-3000:])
                raise
        time.sleep(PAUSE_SECONDS)
