"""Documents are read far enough to type their variables and to ask for their price."""

from typing import Any

import pytest
from graphql import parse

from publicgsb_sdk import InvalidRequest
from publicgsb_sdk.cli.operation import chosen, priced, variables

MANY = '''
# query Not { x }
query Page($n: Int = 3, $w: W = {a: {b: 1}}, $icao: String!, $keys: [ID!]) @d(text: "}{") {
  air { airports(first: $n, where: {icao: {eq: "}"}}) { nodes { icao } } } }
fragment F on Airport { icao }
query Other { """ query Z { """ me { plan } }
mutation Change { thing }
'''


@pytest.mark.parametrize(
    ("document", "name", "kind"),
    [("{ me { plan } }", None, "query"), (MANY, "Page", "query"), (MANY, "Change", "mutation")],
)
def test_the_operation_is_found(document: str, name: str | None, kind: str) -> None:
    found = chosen(document, name)
    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize("document", ["{ me { plan } }", "query @d(a: {b: 1}) { me { plan } }", "query Q{me{plan}}"])
def test_a_priced_document_asks_the_same_and_the_price(document: str) -> None:
    (operation,) = parse(priced(document, chosen(document, None))).definitions
    fields = [field.alias.value if field.alias else field.name.value for field in operation.selection_set.selections]  # type: ignore[attr-defined]
    assert fields == ["pgsbPrice", "me"]


def test_of_several_the_named_one_is_priced() -> None:
    text = MANY.replace('""" query Z { """', "")
    whole = parse(priced(text, chosen(text, "Page")))
    assert "pgsbPrice" in str(whole.definitions[0].to_dict())
    assert "pgsbPrice" not in str(whole.definitions[2].to_dict())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("n=5", {"n": 5}),
        ("icao=0012", {"icao": "0012"}),
        ("$icao=a=b", {"icao": "a=b"}),
        ('keys=["a"]', {"keys": ["a"]}),
        ("icao:=null", {"icao": None}),
    ],
)
def test_variables_are_of_their_declared_type(written: str, meant: dict[str, Any]) -> None:
    assert variables([written], chosen(MANY, "Page")) == meant


@pytest.mark.parametrize("written", ["n=five", "nothing=1", "icao", "keys=a", "icao:={"])
def test_what_gives_no_variable_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest):
        variables([written], chosen(MANY, "Page"))


@pytest.mark.parametrize(
    ("document", "name"), [(MANY, None), (MANY, "Nothing"), ("", None), ("fragment F on A { b }", None)]
)
def test_without_exactly_one_operation_it_says_which_there_are(document: str, name: str | None) -> None:
    with pytest.raises(InvalidRequest) as refused:
        chosen(document, name)
    assert refused.value.hint


def test_a_mutation_has_no_price() -> None:
    with pytest.raises(InvalidRequest):
        priced(MANY, chosen(MANY, "Change"))
