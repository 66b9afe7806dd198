"""Fetched archives are what was pinned, or nothing."""

import hashlib
import sys
from pathlib import Path

import pytest

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.server.demo.sources import SOURCES, Source, fetch

CONTENT = b"an archive"
PINNED = Source("thing", "1.0", "thing-1.0.whl", hashlib.sha256(CONTENT).hexdigest(), 0.1, "CC0-1.0")


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """pip asks an empty folder instead of an index: no test leaves this machine."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


def test_a_file_from_an_earlier_run_is_not_fetched_again(no_index: Path, tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / PINNED.archive).write_bytes(CONTENT)
    assert fetch(tmp_path, said.append, (PINNED,)) == {PINNED: tmp_path / PINNED.archive}
    assert said == []


def test_a_damaged_file_is_not_used_and_the_error_names_the_source(no_index: Path, tmp_path: Path) -> None:
    (tmp_path / PINNED.archive).write_bytes(b"cut short")
    with pytest.raises(Unavailable, match=r"thing 1\.0 could not be fetched") as refused:
        fetch(tmp_path, lambda _: None, (PINNED,))
    assert refused.value.hint
    assert not (tmp_path / PINNED.archive).exists()


def test_another_file_of_the_same_name_and_version_is_refused(no_index: Path, tmp_path: Path) -> None:
    """pip compares the hash before it opens the archive: this one is not even a zip."""
    wheel = "thing-1.0-py3-none-any.whl"
    (no_index / wheel).write_bytes(b"not what was pinned")
    with pytest.raises(Unavailable) as refused:
        fetch(tmp_path, lambda _: None, (Source("thing", "1.0", wheel, PINNED.sha256, 0.1, "CC0-1.0"),))
    assert refused.value.details["reason"] == "checksum"


def test_an_index_with_other_versions_only_is_told_from_one_that_cannot_be_reached(
    no_index: Path, tmp_path: Path
) -> None:
    wanted = Source("thing", "1.0", "thing-1.0-py3-none-any.whl", PINNED.sha256, 0.1, "CC0-1.0")
    with pytest.raises(Unavailable) as offline:
        fetch(tmp_path, lambda _: None, (wanted,))
    (no_index / "thing-2.0-py3-none-any.whl").write_bytes(b"another version")
    with pytest.raises(Unavailable) as other:
        fetch(tmp_path, lambda _: None, (wanted,))
    assert (offline.value.details["reason"], other.value.details["reason"]) == ("offline", "not_served")


def test_nothing_half_fetched_is_left_behind(no_index: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        fetch(tmp_path / "dl", lambda _: None, (PINNED,))
    assert list((tmp_path / "dl").iterdir()) == []


def test_a_python_without_pip_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_pip = tmp_path / "python"
    no_pip.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    no_pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(no_pip))
    with pytest.raises(Unavailable, match="has no pip"):
        fetch(tmp_path / "dl", lambda _: None, (PINNED,))


def test_every_source_is_pinned_by_version_and_hash() -> None:
    for source in SOURCES:
        assert source.version in source.archive
        assert len(bytes.fromhex(source.sha256)) == 32


def test_the_documentation_names_the_versions_that_are_fetched() -> None:
    text = (Path(__file__).parents[3] / "docs" / "demo-data.md").read_text(encoding="utf-8")
    for source in SOURCES:
        assert f"| {source.name} | {source.version} |" in text
