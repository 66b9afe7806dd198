"""What a statement took is shared by those it was for: evenly, and to the microsecond."""

from publicgsb.schema.serving.spending import share_evenly


def test_each_hears_as_much_as_the_others_and_together_they_hear_all() -> None:
    heard: list[tuple[str, int]] = []
    share_evenly(11, [lambda us, name=name: heard.append((name, us)) for name in "abc"])  # type: ignore[misc]
    assert heard == [("a", 4), ("b", 4), ("c", 3)]
