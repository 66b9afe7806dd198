"""What the checks of the GraphQL clients have in common: they ask one question, and all get one answer."""

from typing import Any

from tests.compat.known import ANSWER

CHECKED = "the answer, value by value"


def check_answer(data: Any) -> None:
    assert data == ANSWER, data
