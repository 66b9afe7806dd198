"""Tests of what follows from a new major in the place of the old one let it through, as an operator may."""

from collections.abc import Sequence

from publicgsb.datasets.notices.model import User
from publicgsb.datasets.notices.overriding import override
from publicgsb.platform.kernel.database import Connection, Connections


async def nobody(connection: Connection, dataset_id: int, major: int, fields: Sequence[str]) -> Sequence[User]:
    return ()


async def let_through(connections: Connections, name: str) -> None:
    """The declared contract of agency/dataset may break what its callers use."""
    agency, dataset = name.split("/")
    await override(connections, agency, dataset, "operator:test", "A test.", nobody)
