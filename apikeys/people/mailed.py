"""Codes that travel by mail: made for one purpose and redeemed once, by whoever got the mail."""

from collections.abc import Callable
from datetime import datetime

from publicgsb.apikeys.model import Role
from publicgsb.apikeys.people import codes, store
from publicgsb.apikeys.people.model import CODE_LIFETIME, Code, Purpose, no_such_code
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.ids import OrganisationId


class MailedCodes:
    """What is stored of a code is its digest under the pepper: the mail alone has the code itself."""

    def __init__(self, pepper: bytes, now: Callable[[], datetime]) -> None:
        self._pepper = pepper
        self._now = now

    async def make(
        self,
        connection: Connection,
        purpose: Purpose,
        organisation_id: OrganisationId,
        email: str,
        *,
        person_id: int | None = None,
        role: Role | None = None,
    ) -> str:
        """A new code for the caller's mail; earlier ones for the same purpose and address end."""
        code = codes.draw()
        await store.insert_code(
            connection,
            codes.digest(self._pepper, code),
            purpose,
            organisation_id,
            email,
            self._now() + CODE_LIFETIME[purpose],
            person_id=person_id,
            role=role,
        )
        return code

    async def organisation_of(self, connection: Connection, code: str, purpose: Purpose) -> OrganisationId:
        """Whose code it is, as long as it is valid; InvalidRequest for any other."""
        found = await store.organisation_of_code(connection, self._digest(code), purpose, self._now())
        if found is None:
            raise no_such_code()
        return found

    async def redeem(self, connection: Connection, code: str, purpose: Purpose) -> Code:
        """What the code stands for, used up by this; InvalidRequest for any that is not valid."""
        redeemed = await store.redeem(connection, self._digest(code), purpose, self._now())
        if redeemed is None:
            raise no_such_code()
        return redeemed

    def _digest(self, code: str) -> bytes:
        if not codes.is_well_formed(code):
            raise no_such_code()
        return codes.digest(self._pepper, code)
