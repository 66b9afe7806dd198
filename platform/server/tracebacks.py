"""What is logged of an exception: its kinds, its codes and its places, and none of its words.

Words quote values. PostgreSQL's DETAIL holds the row that broke a constraint, a ValueError the cell that was no number,
a KeyError the key; a log is read by more people than the data are.
"""

import errno
import traceback
from collections.abc import Iterator

import asyncpg

from publicgsb.platform.kernel.errors import GsbError

FRAMES_MAX = 40  # the innermost ones: a recursion has a thousand
CHAIN_MAX = 8


def told(error: BaseException) -> str:
    """One line for each exception of the chain, the newest first, each followed by where it was raised."""
    return "\n".join(_lines(error, ""))


def _lines(error: BaseException, indent: str) -> Iterator[str]:
    link, following = "", error
    for _ in range(CHAIN_MAX):
        yield f"{indent}{link}{_kind(following)}"
        frames = traceback.extract_tb(following.__traceback__)
        if len(frames) > FRAMES_MAX:
            yield f"{indent}  … {len(frames) - FRAMES_MAX} calls"
        for frame in frames[-FRAMES_MAX:]:
            yield f"{indent}  {frame.filename}:{frame.lineno} in {frame.name}"
        if isinstance(following, BaseExceptionGroup):
            for one in following.exceptions[:CHAIN_MAX]:
                yield from _lines(one, f"{indent}  | ")
        if following.__cause__ is not None:
            link, following = "because of ", following.__cause__
        elif following.__context__ is not None and not following.__suppress_context__:
            link, following = "while handling ", following.__context__
        else:
            return


def _kind(error: BaseException) -> str:
    """The class, and what narrows it: names and codes of ours and of the server, never a value."""
    more: list[str] = []
    if isinstance(error, GsbError):
        more = [error.code, str(error.details.get("reason", ""))]
    elif isinstance(error, asyncpg.PostgresError):
        names = ("sqlstate", "schema_name", "table_name", "column_name", "constraint_name")
        more = [str(getattr(error, name, None) or "") for name in names]
    elif isinstance(error, OSError) and error.errno is not None:
        more = [errno.errorcode.get(error.errno, str(error.errno))]
    kind = type(error)
    narrowed = " ".join(filter(None, more))
    return f"{kind.__module__}.{kind.__qualname__}" + (f" ({narrowed})" if narrowed else "")
