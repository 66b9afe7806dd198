import pytest

from publicgsb.platform.kernel.etags import is_known, is_meant


@pytest.mark.parametrize("named", ['"a"', '"b", "a"', "*"])
def test_if_match_names_what_there_is(named: str) -> None:
    assert is_meant(named, '"a"')


@pytest.mark.parametrize("named", ['W/"a"', '"b"', "a", ""])
def test_if_match_compares_strongly(named: str) -> None:
    assert not is_meant(named, '"a"')


def test_if_match_names_nothing_where_nothing_is() -> None:
    assert not is_meant("*", None)


def test_if_none_match_compares_weakly() -> None:
    assert is_known('W/"a"', '"a"') and is_known("*", '"a"') and not is_known(None, '"a"')
