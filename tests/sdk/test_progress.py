"""The line that tells how far a file is."""

import io
import re

import pytest

from publicgsb_sdk.publishing.progress import PERSIAN, Bar


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


def test_stages_are_told_in_persian_and_what_is_unknown_by_its_name() -> None:
    terminal, file = Terminal(), io.StringIO()
    bars = Bar(terminal, "fa"), Bar(file, "fa")
    for bar in bars:
        bar("sending", 1_000_000, 2_000_000)
        bar("polishing", 0, 0)
    assert terminal.getvalue() == "\r\x1b[Kفرستادن  50% از 2.0 MB\r\x1b[Kpolishing"
    assert file.getvalue() == "فرستادن\npolishing\n"
    assert not any(re.search("[a-zيك]", one) for one in PERSIAN.values())
