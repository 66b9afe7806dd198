"""SHA-256 of files, whatever their size."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """In hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def measured(path: Path) -> tuple[int, str]:
    """Bytes and hash of one file, read once."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), sha256
