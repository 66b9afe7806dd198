import pytest
from tests.datasets.conftest import airport_document, column

from publicgsb.datasets.contracts.model import Field
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.problems import Problems
from publicgsb.datasets.declaring.patterns import WAYS_MAX, check_patterns, ways


def field_of(pattern: str, **constraints: int) -> Field:
    field = column("mark", constraints={"pattern": pattern, **constraints})
    document = airport_document()
    return parse(document | {"fields": [*document["fields"], field]}).field("mark")


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|aa)+", "(a|a)*b", "(?:a?){30}a{30}", r"\d*\d*x", "(([a-z])+.)+[A-Z]([a-z])+$", "(a?)*+b"]
)
def test_a_pattern_that_could_run_for_ever_is_found(pattern: str) -> None:
    assert ways(field_of(pattern)) == WAYS_MAX


@pytest.mark.parametrize(
    ("pattern", "most"),
    [("[0-9]{10}", 1), ("[A-Z]{2}[0-9]{1,4}", 4), ("(ab|cd)-[0-9]", 2), ("([0-9]{2}-)*", 1_048_577), ("a?b?", 4)],
)
def test_an_ordinary_pattern_has_as_many_ways_as_its_choices(pattern: str, most: int) -> None:
    assert ways(field_of(pattern)) == most


def test_a_bounded_cell_bounds_its_ways() -> None:
    assert ways(field_of("[A-Z]+-[0-9]+", maxLength=20)) == 400


def test_where_it_is_and_what_to_do_is_told() -> None:
    document = airport_document()
    fields = [*document["fields"], column("mark", constraints={"pattern": "(a+)+b"})]
    problems = Problems()
    check_patterns(parse(document | {"fields": fields}), problems)
    (found,) = problems.found
    assert found.path == f"fields[{len(fields) - 1}].constraints.pattern" and "maxLength" in found.fix
