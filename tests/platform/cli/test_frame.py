"""What every command of `gsb` tells in the same way."""

import pytest
from tests.datasets.conftest import airport_document

from publicgsb.datasets.contracts.parse import parse
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.frame import tell


def told(capsys: pytest.CaptureFixture[str], **members: object) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        parse(airport_document(**members))
    tell(refused.value, as_json=False)
    return capsys.readouterr().err.splitlines()


def test_each_mistake_of_a_contract_has_its_place_and_its_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    """A draft leaves texts empty: whoever fills it in reads all of them at once."""
    lines = told(capsys, attribution="", contact=" ")
    assert lines[0].startswith("Error: The contract has 2 problems; first, attribution: ")
    empty = "must be text that is not empty. Fill it in."
    assert lines[1:] == [f"  attribution: {empty}", f"  contact: {empty}", "Code: INVALID_REQUEST"]


def test_one_mistake_is_told_in_one_sentence_with_its_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, contact="") == [
        "Error: The contract has 1 problem; first, contact: must be text that is not empty.",
        "Hint: Fill it in.",
        "Code: INVALID_REQUEST",
    ]
