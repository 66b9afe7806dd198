"""Files of an agency on their way to the service, and what becomes of them there."""

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from publicgsb_sdk.cli.output import note
from publicgsb_sdk.cli.remote import Remote, segment, with_query
from publicgsb_sdk.errors import DeadlineExceeded, InvalidRequest
from publicgsb_sdk.hashes import sha256_of

MEDIA_TYPES: Mapping[str, str] = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/x-ndjson",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
    ".zip": "application/zip",
}
VALIDATION_DAYS = 365
POLL_SECONDS = (0.2, 0.5, 1.0, 2.0, 3.0)
UNDER_WAY = ("validating", "queued", "running")


def send(remote: Remote, path: str, file: Path, idempotency_key: str | None, query: Mapping[str, Any]) -> Any:
    """A file as the body. The same file with the same wishes has the same key, so a command said twice acts once."""
    try:
        sha256 = sha256_of(file)
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}.") from None
    route = with_query(path, query)
    own = hashlib.sha256(f"{route}\n{sha256}".encode()).hexdigest()[:40]
    media_type = MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise InvalidRequest(f"{file.name} has none of the endings {' '.join(MEDIA_TYPES)}.")
    headers = {"content-type": media_type, "idempotency-key": idempotency_key or f"pgsb-{own}"}
    made = remote.send_file("POST", route, file, headers)
    if made["state"] not in (*UNDER_WAY, "draft"):
        note(f"This file was handed in before, as {made['id']}, which is {made['state']} since.")
        note("--idempotency-key with a text of yours hands it in once more.")
    return made


def far_embargo(now: datetime | None = None) -> str:
    """What is handed in to be validated cannot be published by whoever approves it in that moment."""
    return ((now or datetime.now(UTC)) + timedelta(days=VALIDATION_DAYS)).isoformat(timespec="seconds")


def checked(remote: Remote, submission: str, seconds_max: float) -> Any:
    """The submission once it was checked."""
    return _followed(remote, f"/api/v1/submissions/{segment(submission)}", seconds_max)


def job_done(remote: Remote, job: str, seconds_max: float) -> Any:
    """The job once it has ended."""
    return _followed(remote, f"/api/v1/jobs/{segment(job)}", seconds_max)


def draft_made(remote: Remote, draft: str, seconds_max: float) -> Any:
    """The draft once it was made, or could not be."""
    return _followed(remote, f"/api/v1/drafts/{segment(draft)}", seconds_max)


def _followed(remote: Remote, path: str, seconds_max: float) -> Any:
    """Asked more and more seldom. It goes on without whoever asks."""
    end = time.monotonic() + seconds_max
    told = None
    for tried in range(10_000):
        found = remote.get(path)
        if found["state"] not in UNDER_WAY:
            return found
        if told != found["state"]:
            told = found["state"]
            note(f"{path.rpartition('/')[2]}: {told}")
        wait = POLL_SECONDS[min(tried, len(POLL_SECONDS) - 1)]
        if time.monotonic() + wait > end:
            break
        time.sleep(wait)
    raise DeadlineExceeded(
        f"After {seconds_max:g} seconds it is still {told}; it goes on without you.",
        hint="pgsb publish review tells how far it is.",
    )
