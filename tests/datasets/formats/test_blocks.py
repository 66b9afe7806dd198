"""A text in blocks of whole lines: nothing is lost, and no line is cut."""

import io
import random

import pytest

from publicgsb.datasets.formats.blocks import Blocks


def _all(blocks: Blocks) -> list[bytes]:
    return list(iter(blocks.take, b""))


@pytest.mark.parametrize("seed", range(20))
def test_blocks_together_are_the_text_and_each_ends_with_its_line(seed: int) -> None:
    chance = random.Random(seed)
    text = b"".join(chance.choice((b"a", b"\xd9\x84", b"\n", b"\r", b"\r\n", b"bcdefgh")) for _ in range(200))
    blocks = _all(Blocks(io.BytesIO(text), block_bytes=chance.randrange(1, 30)))
    assert b"".join(blocks) == text
    lines = io.StringIO(text.decode(), newline="").readlines()
    assert [line for block in blocks for line in io.StringIO(block.decode(), newline="").readlines()] == lines


def test_the_byte_order_mark_is_no_part_of_the_text() -> None:
    for size in (1, 2, 3, 4, 100):
        assert b"".join(_all(Blocks(io.BytesIO(b"\xef\xbb\xbfa\nb"), block_bytes=size))) == b"a\nb"


def test_what_is_given_back_comes_once_more() -> None:
    blocks = Blocks(io.BytesIO(b"a\nb\nc\n"), block_bytes=4)
    first = blocks.take()
    assert not blocks.is_at_end
    blocks.give_back(len(first))
    assert _all(blocks) == [b"a\nb\n", b"c\n"]


def test_nothing_is_an_empty_block() -> None:
    blocks = Blocks(io.BytesIO(b""))
    assert blocks.take() == b""
    assert blocks.is_at_end


def test_a_part_of_a_block_ends_with_a_line_and_the_rest_comes_next() -> None:
    blocks = Blocks(io.BytesIO(b"aa\nbb\ncccccc\ndd\n"), block_bytes=100)
    assert [blocks.take(7), blocks.take(3), blocks.take()] == [b"aa\nbb\n", b"cccccc\ndd\n", b""]
