"""Where a check stands: the running service, a folder of its own, and programs that run there as a user's would."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.compat.environments import environment
from tests.node_tools import modules, node

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 300
FILES_SECONDS = 300
ROOM_POINTS = 100
_ROOM_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ground:
    """`url` and `key` of the service; `folder` is empty when a check begins but for the question."""

    url: str
    key: str
    folder: Path

    def environment(self, *programs: Path) -> dict[str, str]:
        """What the page tells users to export, a home of its own, and `programs` before all others."""
        path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PGSB_URL": self.url,
            "PGSB_API_KEY": self.key,
        }

    def shell(self, snippet: str, *programs: Path, **more: str) -> str:
        """What `snippet` writes to its standard output; with folders of programs, and `more` in its environment."""
        return self._run(["sh", "-euc", snippet], self.environment(*programs) | more)

    def python(self, snippet: str, proof: str, own: str | None = None) -> Any:
        """`snippet`, then `proof`, as one program; what `proof` prints, as JSON."""
        python = environment(own) / "bin" / "python" if own else Path(sys.executable)
        program = self.folder / "program.py"
        program.write_text(f"{snippet}\n{proof}\n", encoding="utf-8")
        return json.loads(self._run([str(python), program.name], self.environment() | {"PYTHONPATH": str(ROOT)}))

    def node(self, snippet: str, proof: str) -> Any:
        """The same for a module of JavaScript, beside the packages of tests/node."""
        self.with_modules()
        program = self.folder / "program.mjs"
        program.write_text(f"{snippet}\n{proof}\n", encoding="utf-8")
        return json.loads(self._run([node(), program.name], self.environment()))

    def with_modules(self) -> None:
        """`node_modules` as after an install here, for `npx` too."""
        link = self.folder / "node_modules"
        if not link.is_symlink():
            link.symlink_to(modules())

    def wait_for_room(self) -> None:
        """Until the plan's windows have room for what one tool asks: checks follow one another without a pause."""
        deadline = time.monotonic() + _ROOM_SECONDS
        while min(self._left()) < ROOM_POINTS:
            assert time.monotonic() < deadline, "the key's windows stay full: is somebody else asking with it?"
            time.sleep(0.2)

    def _left(self) -> list[int]:
        answer = httpx2.get(f"{self.url}/api/v1/quota", headers={"X-API-Key": self.key}, timeout=60)
        assert answer.status_code == 200, answer.text
        return [one["remaining"] for one in answer.json()["policies"] if one["unit"] == "points"]

    def _run(self, command: list[str], environment: dict[str, str]) -> str:
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(timeout=RUN_SECONDS)
            except BaseException:  # Ctrl-C too: what it has started, such as an office, would stay
                os.killpg(process.pid, signal.SIGKILL)
                raise
        assert process.returncode == 0, f"{out[-1500:]}{err[-1500:]}"
        return out


def wait_for_files(url: str, datasets: tuple[str, ...]) -> None:
    """Files are made by the jobs process, after the demo says that it is ready."""
    deadline = time.monotonic() + FILES_SECONDS
    for agency, dataset in (name.split("/") for name in datasets):
        path = f"{url}/api/v1/agencies/{agency}/datasets/{dataset}/releases/latest/files"
        while httpx2.get(path, timeout=60).json()["state"] != "made":
            assert time.monotonic() < deadline, f"the files of {agency}/{dataset} are not made"
            time.sleep(0.5)
