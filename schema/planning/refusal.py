"""A document that cannot run: several GraphQL errors at once, each with its place in the text."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.limits import ERRORS_MAX

PERSISTED_QUERY_NOT_FOUND = "persisted_query_not_found"


class Fault(NamedTuple):
    """What is told of a GraphQLError. The error itself holds the whole document: 0.3 MB for one of 3,600 characters."""

    message: str
    locations: tuple[tuple[int, int], ...]


class RefusedDocument(InvalidRequest):
    """Parse, validation and coercion errors; answered with 200 where plain application/json was negotiated."""

    def __init__(self, reason: str, errors: Sequence[GraphQLError | Fault]) -> None:
        super().__init__(errors[0].message, reason=reason, hint=HINTS.get(reason))
        self.errors = tuple(_faults(errors[:ERRORS_MAX]))

    def again(self) -> "RefusedDocument":
        """The same without the frames that it was raised through, which hold the document too."""
        return RefusedDocument(self.details["reason"], self.errors)

    def as_graphql_list(self, request_id: str) -> list[dict[str, Any]]:
        out = []
        for error in self.errors:
            single = InvalidRequest(error.message, hint=self.hint, **self.details)
            places = tuple({"line": line, "column": column} for line, column in error.locations)
            out.append(single.as_graphql(request_id, locations=places))
        return out


def _faults(errors: Iterable[GraphQLError | Fault]) -> Iterable[Fault]:
    for error in errors:
        yield Fault(error.message, tuple((line, column) for line, column in error.locations or ()))


HINTS = {
    "parse": "The document is not GraphQL as it stands; the location says where reading stopped.",
    "validation": "Compare the document with /schema.graphql.",
    "operation": "Name one operation of the document in `operationName`; leave it out where there is only one.",
    "coercion": "Compare the variables with the types that the operation declares.",
    PERSISTED_QUERY_NOT_FOUND: "Send the document's text and its hash together once.",
    "limits": "Split the request into several smaller ones.",
}


def unknown_document() -> RefusedDocument:
    """Clients of Apollo's protocol read the message, letter by letter, and send the text next."""
    return refuse(PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")


def refuse(reason: str, message: str) -> RefusedDocument:
    return RefusedDocument(reason, [GraphQLError(message)])
