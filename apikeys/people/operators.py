"""Operators: the named persons behind `gsb`, so that an entry of the audit names one and not a shared account.

Each acts with a credential of their own: the account at the terminal, which the operating system has checked, or a
secret where several share one. Whoever may run `gsb` on the server holds database and pepper, so this locks nobody out
of those; it keeps one operator from acting under the name of another unseen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest

from publicgsb.apikeys.format import digest
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.people import store
from publicgsb.apikeys.people.model import Person
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.store import audit
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import NotFound, NotPermitted
from publicgsb.platform.kernel.ids import random_base62

KIND = "gsbo_"  # logs mask what follows the first eight characters, as those of keys
SECRET_CHARACTERS = 46


@dataclass(frozen=True, slots=True)
class Issued:
    """An operator and their secret, which is shown once and stored nowhere."""

    operator: Person
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command came with: an address, a secret, and the account at the terminal."""

    address: str | None
    secret: str | None = field(repr=False)
    account: str


async def list_operators(connections: Connections) -> tuple[Person, ...]:
    """Oldest first, without those who were removed."""
    async with connections.use() as connection:
        return await store.operators(connection)


async def add_operator(
    connections: Connections, peppers: Peppers, name: str, email: str, account: str | None, actor: Actor
) -> Issued:
    """A new operator, known by their secret and, if given, by their account at the terminal."""
    secret = _new_secret()
    async with connections.transaction() as connection:
        made = await store.insert_operator(
            connection, name, email, account, digest(peppers.present, secret), peppers.version
        )
        await audit(connection, actor, "operator.add", f"person:{made.id}", after={**made.standing, "account": account})
    return Issued(made, secret)


async def renew_secret(connections: Connections, peppers: Peppers, email: str, actor: Actor) -> Issued:
    """Another secret for an operator; the one before is void when this returns."""
    secret = _new_secret()
    async with connections.transaction() as connection:
        found = await _by_email(connection, email)
        await store.renew_operator(connection, found.id, digest(peppers.present, secret), peppers.version)
        await audit(connection, actor, "operator.renew", f"person:{found.id}")
    return Issued(found, secret)


async def remove_operator(
    connections: Connections, email: str, reason: str, actor: Actor, now: Callable[[], datetime] = utc_now
) -> Person:
    """From now on nobody acts under this name."""
    async with connections.transaction() as connection:
        found = await _by_email(connection, email)
        await store.remove_person(connection, found.id, now())
        before = {**found.standing, "account": found.account}
        await audit(connection, actor, "operator.remove", f"person:{found.id}", before=before, reason=reason)
    return found


async def name_of(connections: Connections, peppers: Peppers, shown: Shown) -> str:
    """Who acts, as the audit names them: the operator whose secret was shown, else the one with this account.

    `operator:<account>` while no operator is named; NotPermitted once there are some and this is none of them, and for
    an address without its secret that is not the one of the account.
    """
    operators = await list_operators(connections)
    if shown.address is None and shown.secret is None and not operators:
        return f"operator:{shown.account}"
    named = None
    if shown.address is not None:
        named = next((one for one in operators if one.email.lower() == shown.address.lower()), None)
        if named is None:
            raise _no_such_operator(shown.address)
    if shown.secret is None:
        acting = next((one for one in operators if one.account == shown.account), None)
    else:
        owner = await _owner_of(connections, peppers, shown.secret)
        acting = next((one for one in operators if one.id == owner), None)
    if acting is None or (named is not None and named.id != acting.id):
        raise _refusal(shown)
    return f"person:{acting.id} account:{shown.account}"


async def _owner_of(connections: Connections, peppers: Peppers, secret: str) -> int | None:
    async with connections.use() as connection:
        known = await store.operator_secrets(connection)
    found = None
    for person_id, stored, version in known:
        pepper = peppers.find(version)
        if pepper is not None and compare_digest(digest(pepper, secret), stored):
            found = person_id
    return found


async def _by_email(connection: Connection, email: str) -> Person:
    found = next((one for one in await store.operators(connection) if one.email.lower() == email.lower()), None)
    if found is None:
        raise _no_such_operator(email)
    return found


def _new_secret() -> str:
    return KIND + random_base62(SECRET_CHARACTERS)


def _refusal(shown: Shown) -> NotPermitted:
    what = f"The account {shown.account} is no operator's."
    if shown.secret is not None:
        what = "This secret is not that of the operator who is said to act."
    elif shown.address is not None:
        what = f"To act as {shown.address} takes the secret of that operator, or their account."
    return NotPermitted(
        what,
        reason="operator",
        hint="Set GSB_OPERATOR_SECRET; `gsb operator list` shows who there is, `gsb operator renew` gives another one.",
    )


def _no_such_operator(email: str) -> NotFound:
    return NotFound(f"There is no operator {email}.", hint="`gsb operator list` shows them.")
