"""What a worker knows of made files: asked for once when they are made, and not all the time while they are not."""

from tests.datasets.exports.conftest import NAME, Declare, Documents, Entry, Make, Release

from publicgsb.datasets.exports.known import AGAIN_SECONDS, MadeFiles
from publicgsb.platform.kernel.database import Connections


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_files_show_within_a_second_of_being_made_and_are_known_from_then_on(
    connections: Connections, declare: Declare, country: Documents, release: Release, make: Make, entry: Entry
) -> None:
    await declare(country())
    await release(NAME, [["code", "name"], ["IR", "Iran"]])
    current = (await entry()).current
    assert current is not None
    clock = Clock()
    known = MadeFiles(connections, clock)
    assert await known.of(current.id) is None
    made = await make()
    assert await known.of(current.id) is None  # it has just asked
    clock.now += AGAIN_SECONDS
    assert await known.of(current.id) == made
    async with connections.use() as connection:
        await connection.execute("delete from gsb.export")
    assert await known.of(current.id) == made


async def test_a_catalogue_is_told_while_the_database_is_away(connections: Connections) -> None:
    away = Connections("postgresql://nobody@127.0.0.1:1/none", size=1)
    assert await MadeFiles(away).known([1, 2]) == {}
