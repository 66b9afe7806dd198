"""The line that tells how far a file is."""

import io

import pytest

from publicgsb_sdk.publishing.progress import Bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "shown"),
    [
        (Terminal(), "\r\x1b[Ksending  50% of 2.0 MB\r\x1b[Ksending 100% of 2.0 MB\r\x1b[K[2Jreading\n"),
        (io.StringIO(), "sending\n[2Jreading\n"),
    ],
    ids=["terminal", "file"],
)
def test_a_line_is_written_anew_or_a_line_for_each_stage_and_nothing_that_a_terminal_obeys(
    stream: io.StringIO, shown: str
) -> None:
    bar = Bar(stream)
    bar("sending", 1_000_000, 2_000_000)
    bar("sending", 3_000_000, 2_000_000)
    bar("\x1b[2Jreading\n", 0, 0)
    bar.end()
    assert stream.getvalue() == shown
