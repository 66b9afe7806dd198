"""The purse against real engines: what is granted, what is refused and with which words."""

from .conftest import StartWorker

ACCOUNT = (7, 70)


async def test_the_first_take_refills_and_the_second_needs_no_io(start_worker: StartWorker) -> None:
    purses = (await start_worker()).purses
    assert purses.try_take(ACCOUNT, "open", 1) is None
    (await purses.take(ACCOUNT, "open", 1)).settle(0)
    assert purses.try_take(ACCOUNT, "open", 1) is not None
