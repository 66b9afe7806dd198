"""How far a file is, told to whoever gave a callback, or as one line on stderr."""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Literal, TextIO, TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]  # stage, bytes done, bytes in all
Watched: TypeAlias = Progress | Literal[True] | None

SENDING = "sending"

PERSIAN: Mapping[str, str] = MappingProxyType(
    {
        SENDING: "فرستادن",
        "downloading": "دریافت",
        "waiting": "در انتظار فایل",
        "queued": "در صف",
        "running": "در حال انجام",
        "validating": "سنجیدن",
        "reading": "خواندن",
        "loading": "بارگذاری",
        "indexing": "ساختن نمایه‌ها",
        "linking": "سنجیدن پیوندها",
        "swapping": "جایگزینی",
        "done": "پایان",
        "good": "پذیرفتنی",
        "made": "آماده",
        "draft": "پیش‌نویس",
        "in_review": "در بازبینی",
        "sent_back": "بازگردانده شد",
        "approved": "تأیید شد",
        "embargoed": "تا پایان مهلت منع",
        "published": "منتشر شد",
        "released": "منتشر شد",
        "withdrawn": "پس گرفته شد",
        "superseded": "جایگزین شد",
        "recalled": "فراخوانده شد",
        "refused": "پذیرفته نشد",
        "failed": "ناموفق",
    }
)


class Bar:
    """A line that is written anew on a terminal; elsewhere a line per stage."""

    def __init__(self, stream: TextIO, locale: str = "en") -> None:
        self._stream = stream
        self._is_persian = locale == "fa"
        self._stage: str | None = None
        self._shown = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """The next figure; what would look the same is not written again.

        A stage has the service's name, and a terminal obeys what is not printable.
        """
        stage = "".join(sign for sign in stage if sign.isprintable())
        stage = PERSIAN.get(stage, stage) if self._is_persian else stage
        is_next, self._stage = stage != self._stage, stage
        if self._stream.isatty():
            of = "از" if self._is_persian else "of"
            shown = f"{stage} {min(done, total) / total:4.0%} {of} {_size(total)}" if total else stage
            if shown != self._shown:
                self._shown = shown
                self._stream.write(f"\r\x1b[K{shown}")
        elif is_next:
            self._stream.write(f"{stage}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line as it is."""
        if self._stream.isatty() and self._stage is not None:
            self._stream.write("\n")
            self._stream.flush()


@contextmanager
def watched(given: Watched, locale: str) -> Generator[Progress]:
    """What is told of each step; a line of ours is left whole at the end, and speaks the language of the caller."""
    if given is not True:
        yield given or _unheard
        return
    bar = Bar(sys.stderr, locale)
    try:
        yield bar
    finally:
        bar.end()


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"


def _unheard(stage: str, done: int, total: int) -> None:
    """Nobody asked."""
