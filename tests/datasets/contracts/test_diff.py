from typing import Any

from tests.datasets.conftest import airport_document

from publicgsb.datasets.contracts.diff import TOLD_MAX, Difference, How, differences
from publicgsb.datasets.contracts.parse import parse


def told(**changes: Any) -> list[tuple[str, How]]:
    found = differences(parse(airport_document()), parse(airport_document(**changes)))
    return [(one.path, one.how) for one in found]


def fields() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = airport_document()["fields"]
    return found


def test_what_is_the_same_differs_in_nothing() -> None:
    assert told() == []


def test_a_word_is_told_by_its_place() -> None:
    changed = [fields()[0] | {"label": {"fa": "x", "en": "Another"}}, *fields()[1:]]
    name = fields()[0]["name"]
    assert told(fields=changed) == [
        (f"fields[{name}].label.fa", How.CHANGED),
        (f"fields[{name}].label.en", How.CHANGED),
    ]


def test_a_field_is_told_as_a_whole_when_it_comes_or_goes() -> None:
    more = [*fields(), {"name": "runways", "type": "integer", "label": {"fa": "x", "en": "Runways"}}]
    assert told(fields=more) == [("fields[runways]", How.ADDED)]
    back = differences(parse(airport_document(fields=more)), parse(airport_document()))
    assert [(one.path, one.how, one.after) for one in back] == [("fields[runways]", How.REMOVED, None)]


def test_an_order_is_told_as_moved() -> None:
    assert told(fields=list(reversed(fields()))) == [("fields", How.MOVED)]


def test_there_is_an_end_to_it() -> None:
    many = [{"name": f"f{at}", "type": "string", "label": {"fa": "x", "en": "x"}} for at in range(240)]
    worded = [one | {"label": {"fa": "y", "en": "y"}, "unit": "m"} for one in many]
    one, other = (parse(airport_document(fields=[*fields(), *added])) for added in (many, worded))
    assert len(differences(one, other)) == TOLD_MAX
    assert differences(one, other)[0] == Difference("fields[f0].label.fa", How.CHANGED, "x", "y")
