"""Which list a refusal is about: an operation may have hundreds, and a sentence about `where` names none of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from publicgsb.platform.kernel.errors import InvalidRequest


@contextmanager
def placed(path: tuple[str, ...]) -> Iterator[None]:
    """`details.path` of what is refused within, by response names: `air.airports.nodes.departures`. The innermost."""
    try:
        yield
    except InvalidRequest as refused:
        refused.details.setdefault("path", ".".join(path))
        raise
