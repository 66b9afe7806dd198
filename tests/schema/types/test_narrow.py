"""Texts are narrowed to what differs, and nothing that differs is lost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, print_schema
from tests.schema.registries import small_registry

from publicgsb.schema.types import changes
from publicgsb.schema.types.changes import changes_between
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.narrow import narrowed

REGISTRY = small_registry()
WHOLE = graft(REGISTRY, static_schema()).sdl()
WORDS = (
    '"""\nFirst.\n\ntype Lie {\n"""\ntype Query {\n  a(o: Order = UP, w: Where = {x: 1}): Far\n\n'
    '  """\n  Two\n\n  lines with \\""" and \\ in them\n  """\n  b: Int\n}\n\n'
    "enum Order {\n  UP\n  DOWN\n}\n\ninput Where {\n  x: Int\n}\n\ntype Far {\n  away: Farther\n}\n\n"
    "type Farther {\n  away: Far\n}\n\nscalar Other"
)


def without(*dropped: tuple[str, str]) -> str:
    datasets = {key: entry for key, entry in REGISTRY.datasets.items() if key not in dropped}
    return graft(replace(REGISTRY, datasets=datasets), static_schema()).sdl()


@pytest.mark.parametrize("dropped", list(REGISTRY.datasets))
def test_the_changes_are_those_of_the_whole_texts(dropped: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    other = without(dropped)
    found = [changes_between(WHOLE, other), changes_between(other, WHOLE)]
    assert found[0] and found[1]
    monkeypatch.setattr(changes, "narrowed", lambda *texts: texts)
    assert found == [changes_between(WHOLE, other), changes_between(other, WHOLE)]


@pytest.mark.parametrize(
    ("old", "new"),
    [("  x: Int", "  x: Int\n  y: Int!"), ("b: Int", "b: Float"), ("  UP\n", ""), ("scalar Other", "scalar Another")],
)
def test_words_that_look_like_definitions_mislead_nobody(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = changes_between(WORDS, WORDS.replace(old, new))
    assert found
    assert "Farther" not in "".join(narrowed(WORDS, WORDS.replace(old, new)))
    monkeypatch.setattr(changes, "narrowed", lambda *texts: texts)
    assert found == changes_between(WORDS, WORDS.replace(old, new))


def test_equal_texts_come_to_next_to_nothing() -> None:
    before, after = narrowed(WHOLE, WHOLE)
    assert before == after
    assert len(before) < 3_000


def test_what_graphql_core_prints_is_narrowed_too() -> None:
    printed = print_schema(build_schema(Path(__file__).with_name("small_world.graphql").read_text(encoding="utf-8")))
    assert len(narrowed(printed, printed)[0]) < 3_000


@pytest.mark.parametrize(
    "odd", ["type Query { a: Int } type Other { b: Int }", "# a comment\ntype Query { a: Int }", "x"]
)
def test_a_text_in_another_form_is_left_as_it_is(odd: str) -> None:
    same: tuple[Any, Any] = (odd, odd + "\n")
    assert narrowed(*same) == same
