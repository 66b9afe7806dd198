"""Every change of a plan writes an entry, or cannot commit."""

from dataclasses import replace

from tests.audited import refuse_what_is_not_audited

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import Filters, entries
from publicgsb.quotas.plans import set_plan
from publicgsb.quotas.store import plans_all


async def test_every_change_of_a_plan_is_audited(connections: Connections) -> None:
    await refuse_what_is_not_audited(connections)
    async with connections.use() as connection:
        (before, *_) = await plans_all(connection)
    await set_plan(connections, replace(before, policies=before.policies[1:]), actor="test")
    (entry,) = await entries(connections, Filters(action="plan"))
    assert (entry.action, entry.subject) == ("plan.set", f"plan:{before.name}")
    assert len(entry.before["policies"]) == len(before.policies)
    assert len(entry.after["policies"]) == len(before.policies) - 1
