"""Where files are fetched from, how, and what is known of the last one."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from publicgsb.datasets.jobs.model import Upload
from publicgsb.datasets.releases.modes import Mode

EVERY_SECONDS_MIN = 300
RETRY_SECONDS = 300.0  # after a failure; doubled by each that follows, up to the schedule


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows sources to be, and how much one may take."""

    bytes_max: int
    http_is_allowed: bool = False
    private_is_allowed: bool = False
    seconds_max: float = 600.0
    silence_seconds_max: float = 30.0  # between two pieces of an answer
    redirects_max: int = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What the server said of the file that was fetched last (RFC 9110, 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """`upload` is None when the server says that the known file is still the newest."""

    upload: Upload | None
    known: Known


@dataclass(frozen=True, slots=True)
class Source:
    dataset_id: int
    agency_id: int
    agency: str
    dataset: str
    url: str
    mode: Mode
    every_seconds: int
    known: Known
    file_sha256: str | None
    changes: int
    checked_at: datetime | None
    job_id: str | None
    error: str | None
    failures: int

    @property
    def name(self) -> str:
        return f"{self.agency}/{self.dataset}"

    @property
    def host(self) -> str:
        """What is shown of the address: paths and queries hold secrets."""
        return urlsplit(self.url).netloc

    def retry_seconds(self) -> float:
        return min(float(self.every_seconds), RETRY_SECONDS * 2.0 ** min(self.failures, 16))
