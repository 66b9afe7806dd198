"""Operators: the named persons behind `gsb`, so that an entry of the audit names one and not a shared account.

Whoever may run `gsb` on the server holds database, pepper and signing key; a name here is for the record and no lock.
"""

from collections.abc import Callable
from datetime import datetime

from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.moments import utc_now
from publicgsb.apikeys.people import store
from publicgsb.apikeys.people.model import Person
from publicgsb.apikeys.store import audit
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound, NotPermitted


async def list_operators(connections: Connections) -> tuple[Person, ...]:
    """Oldest first, without those who were removed."""
    async with connections.use() as connection:
        return await store.operators(connection)


async def add_operator(connections: Connections, name: str, email: str, account: str | None, actor: Actor) -> Person:
    """A new operator, known by address and, if given, by their account at the terminal."""
    async with connections.transaction() as connection:
        made = await store.insert_operator(connection, name, email, account)
        await audit(connection, actor, "operator.add", f"person:{made.id}", after={**made.standing, "account": account})
    return made


async def remove_operator(
    connections: Connections, email: str, reason: str, actor: Actor, now: Callable[[], datetime] = utc_now
) -> Person:
    """From now on nobody acts under this name."""
    async with connections.transaction() as connection:
        found = next((one for one in await store.operators(connection) if one.email.lower() == email.lower()), None)
        if found is None:
            raise _no_such_operator(email)
        await store.remove_person(connection, found.id, now())
        before = {**found.standing, "account": found.account}
        await audit(connection, actor, "operator.remove", f"person:{found.id}", before=before, reason=reason)
    return found


async def name_of(connections: Connections, given: str | None, account: str) -> str:
    """Who acts, as the audit names them: the operator with the address `given`, else the one with this account.

    `operator:<account>` while no operator was ever named; NotPermitted once there are some and this is none of them.
    """
    operators = await list_operators(connections)
    if given is not None:
        for one in operators:
            if one.email.lower() == given.lower():
                return f"person:{one.id} account:{account}"
        raise _no_such_operator(given)
    for one in operators:
        if one.account == account:
            return f"person:{one.id} account:{account}"
    if operators:
        raise NotPermitted(
            f"The account {account} is no operator's.",
            reason="operator",
            hint="Say who you are: --as ADDRESS or GSB_OPERATOR; `gsb operator list` shows who there is.",
        )
    return f"operator:{account}"


def _no_such_operator(email: str) -> NotFound:
    return NotFound(f"There is no operator {email}.", hint="`gsb operator list` shows them.")
