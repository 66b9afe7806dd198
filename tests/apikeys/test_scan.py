"""Leaked keys are found wherever they stand in text, are never shown whole, and nothing else is taken for one."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.apikeys.format import draw
from publicgsb.apikeys.scan import BYTES_MAX, STDIN, Leak, Scanned, leaks_in, scan
from publicgsb.platform.kernel.caller import KeyKind

ROOT = Path(__file__).resolve().parents[2]
SOURCE_BYTES_MAX = 200_000_000
NOT_OURS = frozenset({".git", ".gsb", ".venv", "build", "node_modules"})


def _scan(*paths: Path, bytes_max: int = BYTES_MAX) -> Scanned:
    return scan([str(path) for path in paths], io.BytesIO(), bytes_max=bytes_max)


def _key() -> str:
    return draw(KeyKind.LIVE).text


def test_a_key_is_found_with_its_position_and_without_its_secret(tmp_path: Path) -> None:
    key = _key()
    file = tmp_path / "settings.env"
    file.write_text(f"# کلید\n\nKEY='{key}'\n", encoding="utf-8")
    assert _scan(tmp_path).leaks == [Leak(str(file), 3, 6, key[:13])]


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize("around", ['"{}"', "x{}", "{}Z", "{0}{0}", "gsbl_{}", "https://h/?key={}&b=1", "\r\n{}\r\n"])
def test_whatever_stands_around_it_hides_no_key(kind: KeyKind, around: str) -> None:
    key = draw(kind).text
    found = list(leaks_in(around.format(key).encode(), "f"))
    assert [leak.key for leak in found] == [key[:13]] * around.count("{0}" if "{0}" in around else "{}")


def test_a_key_inside_what_only_looks_like_one_is_found() -> None:
    key = _key()
    assert [leak.key for leak in leaks_in(f"gsbl_{'a' * 42}{key}".encode(), "f")] == [key[:13]]


@pytest.mark.parametrize("changed", [slice(0, 50), slice(1, 51)])
def test_a_part_of_a_key_is_none(changed: slice) -> None:
    assert not list(leaks_in(_key()[changed].encode(), "f"))


def test_a_wrong_checksum_is_no_find() -> None:
    key = _key()
    assert not list(leaks_in((key[:20] + ("a" if key[20] != "a" else "b") + key[21:]).encode(), "f"))


@given(st.integers(1, 200), st.integers(0, 3))
def test_a_stream_is_read_in_pieces_and_a_key_on_the_cut_is_found_once(size: int, lines: int) -> None:
    key = _key()

    class Pieces(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(size)

    content = b"some text\n" * lines + b"  " + key.encode() + b"\n" + b"and more" * 9
    assert scan([STDIN], Pieces(content)).leaks == [Leak(STDIN, lines + 1, 3, key[:13])]


def test_binary_over_large_and_unreadable_files_are_skipped_and_counted(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\0\1\2" + _key().encode())
    (tmp_path / "large").write_text(_key() + " " * 1000)
    scanned = _scan(tmp_path, tmp_path / "gone", Path("/dev/zero"), bytes_max=500)
    assert (scanned.leaks, scanned.files) == ([], 4)
    assert (scanned.binary, scanned.large, scanned.unreadable) == (1, 1, 2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_text_in_other_encodings_is_text(tmp_path: Path, encoding: str) -> None:
    key = _key()
    (tmp_path / "from_windows.ps1").write_bytes(f"$k = '{key}' # é".encode(encoding))
    assert [leak.key for leak in _scan(tmp_path).leaks] == [key[:13]]


def test_neither_links_nor_the_folder_of_git_are_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "file").write_text(_key())
    (tmp_path / "tree" / ".git" / "file").write_text(_key())
    (tmp_path / "tree" / "link").symlink_to(elsewhere)
    (tmp_path / "tree" / "circle").symlink_to(tmp_path / "tree")
    assert _scan(tmp_path / "tree") == Scanned()


def test_this_repository_holds_no_key() -> None:
    ours = [path for path in ROOT.iterdir() if path.name not in NOT_OURS]
    scanned = _scan(*ours)
    assert scanned.leaks == []
    assert scanned.files > 500


@pytest.mark.prove
def test_no_source_text_of_the_machine_is_taken_for_a_key(record_property: Callable[[str, object], None]) -> None:
    """Everything that was installed for this project and the standard library, up to 200 MB."""
    folders = {Path(entry) for entry in sys.path if entry.endswith("site-packages")} | {Path(io.__file__).parent}
    scanned = Scanned()
    for folder in sorted(folders):
        for inner in sorted(folder.iterdir()):
            if scanned.bytes >= SOURCE_BYTES_MAX:
                break
            part = _scan(inner)
            assert part.leaks == []
            scanned.files += part.files
            scanned.bytes += part.bytes
    record_property("files", scanned.files)
    record_property("megabytes", scanned.bytes // 1_000_000)
    assert scanned.bytes > 20_000_000
