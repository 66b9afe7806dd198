"""What an identified caller has left, on the answers of REST routes: the fields of the data endpoint."""

from starlette.types import Scope

from publicgsb.apikeys.asking import caller_known_of
from publicgsb.platform.kernel.headers import RawHeaders
from publicgsb.quotas.purse import Purses

_POLICY = b"ratelimit-policy"


class RoomFields:
    """`RateLimit-Policy` and `RateLimit` of the account behind a request; an owner token or agency key has none."""

    def __init__(self, purses: Purses) -> None:
        self._purses = purses

    def __call__(self, scope: Scope, given: RawHeaders) -> RawHeaders:
        """Further headers for an answer that has `given` ones."""
        caller = caller_known_of(scope)
        if caller is None or not caller.organisation_id or any(name == _POLICY for name, _ in given):
            return ()
        return self._purses.headers(caller.account, caller.plan, caller.key_id)
