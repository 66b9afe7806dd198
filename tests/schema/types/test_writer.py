"""A dataset's SDL is written again only when something changed that it shows."""

from dataclasses import replace
from typing import Any

import pytest
from benchmarks.many import document, registry
from graphql import lexicographic_sort_schema, print_type
from tests.schema.registries import small_registry

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.registry import Registry
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.sdl import schema_text
from publicgsb.schema.types.writer import SdlWriter

STATIC = static_schema()
SMALL = small_registry()


def changed(before: Registry, number: int, **more: Any) -> Registry:
    """One dataset of the chain under another contract."""
    contract = parse(document(number, len(before.datasets), minor=1) | more)
    key = (contract.agency, contract.dataset)
    return replace(before, datasets={**before.datasets, key: replace(before.datasets[key], contract=contract)})


def written(writer: SdlWriter, registry: Registry) -> tuple[str, str]:
    grafted = graft(registry, STATIC)
    return b"".join(grafted.written(writer)).decode(), schema_text(grafted.core)


def test_a_changed_contract_is_written_with_its_neighbours_in_the_chain_and_nothing_else_is() -> None:
    writer, before = SdlWriter(), registry(40)
    first, whole = written(writer, before)
    assert (first, writer.written) == (whole, 40)
    after = changed(before, 20, title={"fa": "نو", "en": "New words"})
    second, whole = written(writer, after)
    assert (second, writer.written) == (whole, 43)
    assert first != second
    assert written(writer, after)[0] == second
    assert writer.written == 43


@pytest.mark.parametrize("dropped", list(SMALL.datasets))
def test_a_text_from_pieces_is_the_whole_text_whatever_went_or_came(dropped: tuple[str, str]) -> None:
    """Links, link datasets, searches, places, aggregates: all that a neighbour shows of a dataset."""
    writer = SdlWriter()
    without = replace(SMALL, datasets={key: one for key, one in SMALL.datasets.items() if key != dropped})
    for now in (SMALL, without, SMALL):
        pieces, whole = written(writer, now)
        assert pieces == whole


def test_types_and_fields_stand_where_a_sorted_schema_has_them() -> None:
    core = graft(SMALL, STATIC).core
    sorted_types = lexicographic_sort_schema(core).type_map
    text = schema_text(core)
    places = [text.index(f"{head} {name} ") for name, head in _heads(sorted_types)]
    assert places == sorted(places)
    for name in ("AirAirportOrder", "ChangeKind"):
        assert print_type(sorted_types[name]) in text


def _heads(types: Any) -> list[tuple[str, str]]:
    kinds = {"GraphQLObjectType": "\ntype", "GraphQLInputObjectType": "\ninput", "GraphQLEnumType": "\nenum"}
    return [
        (name, kinds[type(one).__name__])
        for name, one in types.items()
        if type(one).__name__ in kinds and not name.startswith("__")
    ]
