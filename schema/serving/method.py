"""Which methods ask what: POST any operation, GET and HEAD queries only, because others may repeat those freely."""

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.document import kind_of

_READING = frozenset({"GET", "HEAD"})


class MethodRefused(InvalidRequest):
    """405, with the methods that would have been right."""

    def __init__(self, message: str, hint: str, allowed: bytes) -> None:
        super().__init__(message, status=405, reason="method", hint=hint)
        self.allowed = allowed


def is_reading(method: str) -> bool:
    """False for POST. Raises MethodRefused for what is neither."""
    if method == "POST":
        return False
    if method in _READING:
        return True
    raise MethodRefused(
        "The data endpoint answers GET and POST.",
        "POST a JSON body to /graphql, or GET /graphql?query=….",
        b"GET, HEAD, POST",
    )


def refuse_other_kinds(source: str, operation_name: str | None) -> None:
    """For a document that a GET may not run: raises MethodRefused when it asks for more than a query.

    Parsed again only when the text holds such a word at all, and within the same limits.
    """
    if ("mutation" in source or "subscription" in source) and kind_of(source, operation_name) not in (None, "query"):
        raise MethodRefused("Only a query can be asked by GET.", "POST it.", b"POST")
