"""Programs of the distribution: which."""

import re
import subprocess

from tests.debian import program


def version_of(name: str, package: str) -> str:
    """Of the program `name`, which `package` of the distribution has."""
    return version_in(program(name, package))


def version_in(path: str) -> str:
    """The first number with a point that `--version` says."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=180)
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    assert found is not None, said
    return found[0]
