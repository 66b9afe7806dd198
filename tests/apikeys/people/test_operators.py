"""Who is said to have done what at the terminal."""

import pytest

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.people.operators import add_operator, list_operators, name_of, remove_operator
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, NotPermitted


async def test_without_named_operators_the_account_is_the_name(connections: Connections) -> None:
    assert await name_of(connections, None, "deploy") == "operator:deploy"
    with pytest.raises(NotFound):
        await name_of(connections, "mina@example.ir", "deploy")


async def test_an_operator_is_known_by_address_or_account_and_nobody_else_acts(connections: Connections) -> None:
    mina = await add_operator(connections, "Mina", "mina@example.ir", None, OPERATOR)
    reza = await add_operator(connections, "Reza", "reza@example.ir", "reza", OPERATOR)
    assert await name_of(connections, "Mina@example.ir", "deploy") == f"person:{mina.id} account:deploy"
    assert await name_of(connections, None, "reza") == f"person:{reza.id} account:reza"
    with pytest.raises(NotPermitted):
        await name_of(connections, None, "deploy")
    with pytest.raises(Conflict):
        await add_operator(connections, "Another", "MINA@example.ir", None, OPERATOR)
    await remove_operator(connections, "reza@example.ir", "left", OPERATOR)
    with pytest.raises(NotPermitted):
        await name_of(connections, None, "reza")
    assert [one.name for one in await list_operators(connections)] == ["Mina"]
