"""One fold in three places (ingest, database, SDK), held to one table of spellings and to each other."""

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publicgsb.datasets.ingest import persian
from publicgsb.platform.kernel.database import Connections
from publicgsb_sdk import persian as sdk

GOLDEN: dict[str, list[str]] = json.loads(Path(__file__).with_name("fold_golden.json").read_text(encoding="utf-8"))
VARIANTS = [(variant, folded) for folded, variants in GOLDEN.items() for variant in variants]
SCRIPTS = "".join(
    map(chr, (*range(0x20, 0x250), *range(0x300, 0x460), *range(0x600, 0x700), *range(0x750, 0x780),
              *range(0x2000, 0x2070), *range(0xFB50, 0xFBB2), *range(0xFDF0, 0xFDFD), *range(0xFE70, 0xFEFD),
              *range(0xFF01, 0xFF5E)))
)  # fmt: skip
TEXTS = st.text(st.one_of(st.sampled_from("ابپتکگیهو ه‌یءآۀئؤةـيك۱٢3aZéİß"), st.sampled_from(SCRIPTS)))


async def folded_by_database(connections: Connections, texts: Iterable[str]) -> list[str]:
    async with connections.use() as connection:
        rows = await connection.fetch(
            "select gsb.fold(t) as folded from unnest($1::text[]) with ordinality as u(t, n) order by n", list(texts)
        )
    return [row["folded"] for row in rows]


def test_the_table_is_large_and_names_each_spelling_once() -> None:
    assert len({variant for variant, _ in VARIANTS}) == len(VARIANTS) >= 200


@pytest.mark.parametrize("fold", [persian.fold, sdk.fold])
def test_every_spelling_folds_to_its_name_in_python(fold: object) -> None:
    assert callable(fold)
    assert [(variant, fold(variant)) for variant, _ in VARIANTS] == VARIANTS


async def test_every_spelling_folds_to_its_name_in_the_database(connections: Connections) -> None:
    found = await folded_by_database(connections, [variant for variant, _ in VARIANTS])
    assert list(zip([variant for variant, _ in VARIANTS], found, strict=True)) == VARIANTS


async def test_the_database_folds_random_text_of_these_scripts_as_python_does(connections: Connections) -> None:
    texts: list[str] = []

    @settings(max_examples=2_000, deadline=None, database=None)
    @given(TEXTS)
    def gather(text: str) -> None:
        texts.append(text.replace("\0", ""))

    gather()
    found = await folded_by_database(connections, texts)
    assert [pair for pair in zip(texts, found, strict=True) if persian.fold(pair[0]) != pair[1]] == []


async def test_the_database_folds_every_sign_of_unicode_as_python_does(connections: Connections) -> None:
    """Signs newer than this Python's Unicode are left out: the two need not know the same ones."""
    signs = [chr(p) for p in range(1, 0x20000) if unicodedata.category(chr(p)) not in ("Cn", "Cs")]
    texts = [f"ه{sign}ی" for sign in signs]
    found = await folded_by_database(connections, texts)
    assert [pair for pair in zip(texts, found, strict=True) if persian.fold(pair[0]) != pair[1]] == []


@given(TEXTS)
def test_the_sdk_folds_as_the_service_does_and_folding_again_changes_nothing(text: str) -> None:
    assert sdk.fold(text) == persian.fold(text) == persian.fold(persian.fold(text))
