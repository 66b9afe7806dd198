"""The pre-commit hook as whoever installs it has it: pre-commit itself, the hook's repository, commits in another one.

The hook that takes the `gsb` of the path, because an environment of its own is filled over the network; the other one
differs in nothing else.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from publicgsb.apikeys.format import draw
from publicgsb.platform.kernel.caller import KeyKind

HOOKS = Path(__file__).resolve().parents[2] / ".pre-commit-hooks.yaml"
KEY = draw(KeyKind.LIVE).text


class Repository:
    """A git repository of a test's own, out of reach of this machine's settings of git and of pre-commit."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self._variables = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "HOME": str(home),
            "PRE_COMMIT_HOME": str(home / "pre-commit"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        folder.mkdir()
        self.run("git", "init", "-q")
        self.run("git", "config", "user.name", "Somebody")
        self.run("git", "config", "user.email", "somebody@example.org")

    def run(self, *command: str) -> str:
        done = self.tried(*command)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def tried(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, cwd=self.folder, env=self._variables, text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def stage(self, name: str, text: str) -> None:
        self.write(name, text)
        self.run("git", "add", name)

    def commit(self) -> "subprocess.CompletedProcess[str]":
        return self.tried("git", "commit", "-q", "-m", "Work")

    @property
    def commits(self) -> int:
        return int(self.run("git", "rev-list", "--count", "--all"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """With the hook installed, and a first commit that passed it."""
    ours = Repository(tmp_path / "hooks", tmp_path)
    ours.stage(HOOKS.name, HOOKS.read_text(encoding="utf-8"))
    ours.run("git", "commit", "-q", "-m", "The hooks")
    taken = {"repo": str(ours.folder), "rev": ours.run("git", "rev-parse", "HEAD")}
    theirs = Repository(tmp_path / "work", tmp_path)
    config = {"repos": [taken | {"hooks": [{"id": "gsb-key-scan-installed"}]}]}
    theirs.stage(".pre-commit-config.yaml", yaml.safe_dump(config))
    theirs.run("pre-commit", "install")
    assert theirs.commit().returncode == 0
    return theirs


def test_a_commit_with_a_whole_key_is_refused_and_says_where_it_is_and_not_what(repository: Repository) -> None:
    repository.stage("notes.md", "Nothing to see.\n")
    repository.stage("deploy.env", f"GSB_KEY={KEY}\n")
    refused = repository.commit()
    assert refused.returncode == 1
    assert f"deploy.env:1:9  {KEY[:13]}" in refused.stdout
    assert KEY[13:] not in refused.stdout
    assert repository.commits == 1


@pytest.mark.prove
def test_a_commit_without_one_passes_and_so_does_the_one_from_which_the_key_was_taken_out(
    repository: Repository,
) -> None:
    repository.stage("notes.md", f"A public part is no key: {KEY[:13]}, and a damaged one is none: {KEY[:-1]}\n")
    assert repository.commit().returncode == 0
    repository.stage("deploy.env", f"GSB_KEY={KEY}\n")
    assert repository.commit().returncode == 1
    repository.stage("deploy.env", "GSB_KEY=\n")
    assert repository.commit().returncode == 0
    assert repository.commits == 3


@pytest.mark.prove
def test_what_is_committed_is_looked_at_and_not_what_lies_beside_it(repository: Repository) -> None:
    repository.stage("deploy.env", "GSB_KEY=\n")
    repository.write("deploy.env", f"GSB_KEY={KEY}\n")
    assert repository.commit().returncode == 0
    repository.run("git", "add", "deploy.env")
    repository.write("deploy.env", "GSB_KEY=\n")
    assert repository.commit().returncode == 1


def test_the_hook_with_an_environment_of_its_own_does_the_same() -> None:
    own, installed = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert (own.pop("language"), installed.pop("language")) == ("python", "system")
    for told in ("id", "name", "description"):
        assert own.pop(told) != installed.pop(told)
    assert own == installed
