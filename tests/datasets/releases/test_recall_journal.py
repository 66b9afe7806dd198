"""The journal of recalls: each line is read back as it was written, whatever the reason holds and whatever was torn."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from publicgsb.datasets.releases.recall_journal import RecallLine, keep, note, noted
from publicgsb.platform.kernel.errors import Unavailable

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


def test_what_a_database_knew_is_kept_once(tmp_path: Path) -> None:
    file, other = tmp_path / "recalls.jsonl", replace(LINE, seq=4)
    note(file, LINE)
    for _ in range(2):
        keep(file, [LINE, other])
    assert noted(file) == [LINE, other]


def test_a_journal_that_cannot_be_written_is_an_error_before_anything_is_dropped(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        keep(tmp_path / "nowhere" / "recalls.jsonl", [LINE])


@pytest.mark.parametrize("seq", ['"3"', "3.5", "true", "null", "-1", "99999999999999999999"])
def test_a_line_that_names_no_release_is_left_out(tmp_path: Path, seq: str) -> None:
    file = tmp_path / "recalls.jsonl"
    note(file, LINE)
    file.write_bytes(file.read_bytes().replace(b'"seq": 3', f'"seq": {seq}'.encode()))
    assert noted(file) == []
