"""What the checks of tools that fetch have in common: a file that is to be whole, to its last byte."""

import hashlib
from typing import Any

import httpx2

from tests.compat.ground import Ground

CHECKED = "a download that broke off in the middle goes on there, and the file has the listed SHA-256"
HASHED = "the file has the listed SHA-256, by the tool's own account too"
FILE = "villages.csv"
_LIST = "/api/v1/agencies/interior/datasets/villages/releases/latest/files"
_MARK = b"#"


def listed(ground: Ground) -> dict[str, Any]:
    """The CSV's entry in the list of files."""
    found: dict[str, Any] = httpx2.get(f"{ground.url}{_LIST}", timeout=60).json()["csv"]
    return found


def leave_half(ground: Ground) -> bytes:
    """The first half of the file is there, and its first byte is marked; what that byte was is returned.

    A tool that fetches all of it again overwrites the mark.
    """
    csv = listed(ground)
    half = httpx2.get(csv["url"], headers={"Range": f"bytes=0-{csv['bytes'] // 2 - 1}"}, timeout=60)
    assert half.status_code == 206
    (ground.folder / FILE).write_bytes(_MARK + half.content[1:])
    return half.content[:1]


def check_went_on(ground: Ground, first: bytes) -> None:
    """The mark is still there, and with `first` in its place the file is whole."""
    content = (ground.folder / FILE).read_bytes()
    assert content[:1] == _MARK, "it was fetched from its beginning"
    assert hashlib.sha256(first + content[1:]).hexdigest() == listed(ground)["sha256"]


def check_whole(ground: Ground) -> None:
    content = (ground.folder / FILE).read_bytes()
    assert hashlib.sha256(content).hexdigest() == listed(ground)["sha256"]
