"""Answers are kept by what they answer, and a kept answer is the very answer."""

from sys import getsizeof

from publicgsb.schema.serving import kept
from publicgsb.schema.serving.kept import Kept, Records, key_of
from publicgsb.schema.sql.builder import Statement

STATEMENT = Statement("select 1", (), (), ())
OTHER = Statement("select 1", (), (), ())
TEXT = len(STATEMENT.text)


def records(size: int) -> Records:
    """So large that, kept by one letter, they come to `size`."""
    return Records({0: b"x" * (size - kept.OVERHEAD_BYTES - getsizeof("a"))}, {0: 1})


def test_an_answer_is_found_by_its_statement_and_its_arguments() -> None:
    answers, answer = Kept(10_000), records(2_000)
    answers.keep(key_of(STATEMENT, ["a", ["b", "c"]]), answer)
    assert answers.get(key_of(STATEMENT, ["a", ["b", "c"]])) is answer
    assert answers.get(key_of(STATEMENT, ["a", ["b", "d"]])) is None
    assert (answers.hits, answers.misses) == (1, 1)


def test_the_same_text_on_other_releases_is_another_answer() -> None:
    answers = Kept(10_000)
    answers.keep(key_of(STATEMENT, []), records(2_000))
    assert answers.get(key_of(OTHER, [])) is None


def test_what_was_asked_longest_ago_makes_room() -> None:
    answers = Kept(6_000 + TEXT)
    for name in "abc":
        answers.keep(key_of(STATEMENT, [name]), records(2_000))
    answers.get(key_of(STATEMENT, ["a"]))
    answers.keep(key_of(STATEMENT, ["d"]), records(2_000))
    assert [name for name in "abcd" if answers.get(key_of(STATEMENT, [name]))] == ["a", "c", "d"]
    assert answers.bytes == 6_000 + TEXT


def test_an_answer_too_large_to_be_kept_drives_no_other_out() -> None:
    answers = Kept(10 * kept.ENTRY_BYTES_MAX)
    answers.keep(key_of(STATEMENT, ["a"]), records(2_000))
    answers.keep(key_of(STATEMENT, ["b"]), records(kept.ENTRY_BYTES_MAX + 1))
    assert answers.get(key_of(STATEMENT, ["b"])) is None
    assert answers.bytes == 2_000 + TEXT


def test_without_memory_nothing_is_kept() -> None:
    answers = Kept(0)
    answers.keep(key_of(STATEMENT, []), records(1_100))
    assert answers.get(key_of(STATEMENT, [])) is None


def test_what_binds_the_parameters_of_a_statement_counts_with_it() -> None:
    answers = Kept(1_000_000)
    answers.keep(key_of(Statement("select $1", (lambda bound: bound,) * 100, (), ()), []), records(2_000))
    assert answers.bytes > 2_000 - getsizeof("a") + 100 * kept.BINDER_BYTES


def test_what_an_answer_is_found_by_counts_as_it_is_held() -> None:
    answers, nothing, most = Kept(1_000_000), Records({0: b"{}"}, {0: 0}), 0
    for number in range(100):
        answers.keep(
            key_of(Statement("select 1" + " " * 10_000, (), (), ()), ["y" * 10_000, ["z" * 10_000] * 2]), nothing
        )
        answers.keep(key_of(STATEMENT, [number]), nothing)
        most = max(most, answers.bytes)
    assert 900_000 < most <= 1_000_000
    held = sum(len(statement.text) + 30_000 for statement, _ in answers._kept if statement is not STATEMENT)
    assert held < answers.bytes
    while answers._kept:
        answers._drop_oldest()
    assert answers.bytes == 0
    assert not answers._answers
