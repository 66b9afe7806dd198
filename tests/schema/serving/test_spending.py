"""What a statement took is shared by those it was for: evenly, and to the microsecond."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from publicgsb.schema.serving.spending import Measured, share_evenly


def test_each_hears_as_much_as_the_others_and_together_they_hear_all() -> None:
    a, b, c = [list[int]() for _ in range(3)]
    share_evenly(11, [a.append, b.append, c.append])
    assert (a, b, c) == ([4], [4], [3])


@pytest.mark.parametrize("error", [asyncpg.QueryCanceledError("statement timeout"), asyncio.CancelledError()])
def test_a_statement_that_ran_out_of_time_or_lost_its_caller_was_work(error: BaseException) -> None:
    heard: list[int] = []
    with suppress(type(error)), Measured([heard.append]):
        raise error
    assert len(heard) == 1


@pytest.mark.parametrize("error", [ConnectionResetError(), asyncpg.AdminShutdownError("going down")])
def test_a_database_that_is_away_charges_nobody(error: Exception) -> None:
    heard: list[int] = []
    with suppress(type(error)), Measured([heard.append]):
        raise error
    assert heard == []
