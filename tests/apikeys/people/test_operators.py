"""Who is said to have done what at the terminal, and what they show for it."""

import pytest

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.people.operators import (
    Issued,
    Shown,
    add_operator,
    list_operators,
    name_of,
    remove_operator,
    renew_secret,
)
from publicgsb.apikeys.peppers import Peppers
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, NotFound, NotPermitted

PEPPERS = Peppers.of(b"tests")


async def add(connections: Connections, name: str, account: str | None = None) -> Issued:
    return await add_operator(connections, PEPPERS, name, f"{name.lower()}@example.ir", account, OPERATOR)


async def name(
    connections: Connections, address: str | None, secret: str | None, account: str, peppers: Peppers = PEPPERS
) -> str:
    return await name_of(connections, peppers, Shown(address, secret, account))


async def test_without_named_operators_the_account_is_the_name(connections: Connections) -> None:
    assert await name(connections, None, None, "deploy") == "operator:deploy"
    with pytest.raises(NotFound):
        await name(connections, "mina@example.ir", None, "deploy")
    with pytest.raises(NotPermitted):
        await name(connections, None, "gsbo_nobody", "deploy")


async def test_an_operator_is_known_by_secret_or_account_and_nobody_else_acts(connections: Connections) -> None:
    mina, reza = await add(connections, "Mina"), await add(connections, "Reza", "reza")
    as_mina = f"person:{mina.operator.id} account:deploy"
    assert await name(connections, "Mina@example.ir", mina.secret, "deploy") == as_mina
    assert await name(connections, None, mina.secret, "deploy") == as_mina
    assert await name(connections, None, None, "reza") == f"person:{reza.operator.id} account:reza"
    assert await name(connections, "reza@example.ir", None, "reza") == f"person:{reza.operator.id} account:reza"
    with pytest.raises(NotPermitted):
        await name(connections, None, None, "deploy")
    with pytest.raises(Conflict):
        await add_operator(connections, PEPPERS, "Another", "MINA@example.ir", None, OPERATOR)
    await remove_operator(connections, "reza@example.ir", "left", OPERATOR)
    for secret in (None, reza.secret):
        with pytest.raises(NotPermitted):
            await name(connections, None, secret, "reza")
    assert [one.name for one in await list_operators(connections)] == ["Mina"]


@pytest.mark.parametrize("account", ["deploy", "reza"])
async def test_nobody_acts_under_the_address_of_another(connections: Connections, account: str) -> None:
    await add(connections, "Mina")
    reza = await add(connections, "Reza", "reza")
    for secret in (None, reza.secret, "gsbo_guessed"):
        with pytest.raises(NotPermitted) as refused:
            await name(connections, "mina@example.ir", secret, account)
        assert refused.value.details["reason"] == "operator"
        assert secret is None or secret not in str(refused.value)


async def test_a_renewed_secret_voids_the_one_before_and_a_new_pepper_voids_none(connections: Connections) -> None:
    mina = await add(connections, "Mina")
    again = await renew_secret(connections, PEPPERS, "mina@example.ir", OPERATOR)
    with pytest.raises(NotPermitted):
        await name(connections, None, mina.secret, "deploy")
    later = Peppers(2, b"another", {1: b"tests"})
    known = f"person:{mina.operator.id} account:deploy"
    assert await name(connections, None, again.secret, "deploy", later) == known
    assert again.secret not in repr(again) and mina.secret != again.secret
