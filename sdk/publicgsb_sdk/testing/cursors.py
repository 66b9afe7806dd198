"""Cursors: which list, in which order, at which state of the whole, and where in it. Opaque to callers."""

import base64
import binascii
import json
from dataclasses import dataclass

from publicgsb_sdk.testing.refusals import Refusal, invalid

CHANGES = "~changes"


@dataclass(frozen=True, slots=True)
class Cursor:
    """`since` is the other version of a change feed."""

    list: str
    version: int
    place: int
    since: int | None = None

    def text(self) -> str:
        said = json.dumps([self.list, self.version, self.place, self.since], ensure_ascii=False)
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Raises the refusal of anything that this service did not make."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        name, version, place, since = json.loads(packed)
        return Cursor(str(name), int(version), int(place), None if since is None else int(since))
    except (ValueError, TypeError, UnicodeError, binascii.Error):
        raise bad_cursor("The cursor was not made by this service, or was changed on its way.") from None


def bad_cursor(message: str) -> Refusal:
    return invalid(message, "cursor", "Begin again without the cursor.")
