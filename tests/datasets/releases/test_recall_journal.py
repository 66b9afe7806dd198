"""The journal of recalls: each line is read back as it was written, whatever the reason holds and whatever was torn."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from publicgsb.datasets.releases.recall_journal import RecallLine, note, noted

LINE = RecallLine("standards", "countries", 3, "0" * 64, "دادهٔ شخصی", "Personal data", "operator:test")


@pytest.mark.parametrize("end", ["\n", "\r", "\v", "\x85", "\u2028", "\u2029", "\ud800"])
def test_a_reason_with_an_end_of_a_line_in_it_is_read_back(tmp_path: Path, end: str) -> None:
    line = replace(LINE, reason_fa=f"یک{end}دو", reason_en=f"one{end}two")
    note(tmp_path / "recalls.jsonl", line)
    assert noted(tmp_path / "recalls.jsonl") == [line]


def test_a_line_that_a_crash_tore_does_not_take_the_next_along(tmp_path: Path) -> None:
    file = tmp_path / "recalls.jsonl"
    note(file, LINE)
    file.write_bytes(file.read_bytes() + '{"agency": "دا'.encode()[:-1])
    note(file, replace(LINE, seq=4))
    assert [line.seq for line in noted(file)] == [3, 4]


def test_a_disk_that_takes_a_few_bytes_at_a_time_has_them_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    note(tmp_path / "recalls.jsonl", LINE)
    assert noted(tmp_path / "recalls.jsonl") == [LINE]
