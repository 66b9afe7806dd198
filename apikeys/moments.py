"""The clock of the use cases, and how every answer and announcement writes a moment."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


def told(at: datetime | None) -> str | None:
    """ISO 8601 to the second, in UTC, e.g. 2026-11-27T12:00:00Z."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
