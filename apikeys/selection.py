"""Which keys a revocation of many is about."""

from dataclasses import dataclass
from datetime import UTC, datetime

from publicgsb.platform.kernel.ids import ApplicationId, OrganisationId


@dataclass(frozen=True, slots=True)
class Selection:
    """The keys that every condition given holds for. `dataset` (agency/dataset): those restricted to it."""

    organisation_id: OrganisationId | None = None
    application_id: ApplicationId | None = None
    agency_id: int | None = None
    dataset: str | None = None
    issued_before: datetime | None = None

    def told(self) -> dict[str, str | int]:
        """The conditions by name, for the audit."""
        told: dict[str, str | int] = {}
        if self.organisation_id is not None:
            told["organisation"] = self.organisation_id
        if self.application_id is not None:
            told["application"] = self.application_id
        if self.agency_id is not None:
            told["agency"] = self.agency_id
        if self.dataset is not None:
            told["dataset"] = self.dataset
        if self.issued_before is not None:
            told["issued_before"] = self.issued_before.astimezone(UTC).isoformat()
        return told
