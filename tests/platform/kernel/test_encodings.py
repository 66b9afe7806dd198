"""Accept-Encoding as RFC 9110 reads it."""

import pytest

from publicgsb.platform.kernel.encodings import accepts_gzip


@pytest.mark.parametrize("header", ["gzip", "br, GZIP;q=0.5", "*", "identity, gzip", "gzip;q=1.000"])
def test_gzip_is_taken_when_it_is_named_or_everything_is(header: str) -> None:
    assert accepts_gzip(header)


@pytest.mark.parametrize("header", [None, "", "br", "gzip;q=0", "gzip; q=0.000", "*, gzip;q=0", "*;q=0", "identity"])
def test_gzip_is_not_sent_to_who_does_not_take_it(header: str | None) -> None:
    assert not accepts_gzip(header)
