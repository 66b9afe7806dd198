"""`/graphql`: a document by its text or its hash, refused or priced, charged, answered by graphql-core over lists."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,  # pyright: ignore[reportUnknownVariableType]
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values

from publicgsb_sdk.testing.account import Account
from publicgsb_sdk.testing.inspecting import RECORDS_PER_POINT, Inspection, Inspector
from publicgsb_sdk.testing.model import Name
from publicgsb_sdk.testing.refusals import Refusal, invalid
from publicgsb_sdk.testing.resolving import Question
from publicgsb_sdk.testing.sizes import TOKENS_MAX, check_length, check_sizes, too_large
from publicgsb_sdk.testing.state import Release
from publicgsb_sdk.testing.told import Catalogue
from publicgsb_sdk.wire import an_object, members

NEW_DOCUMENT_POINTS = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """The body of an answer, and what it cost. `code` is None where all of it was answered."""

    status: int
    body: dict[str, Any]
    points: int
    datasets: tuple[str, ...]
    code: str | None = None
    retry_after: int | None = None


@dataclass(slots=True)
class Endpoint:
    """Remembers the documents that it was given, as the service does."""

    catalogue: Catalogue
    account: Account
    schema: GraphQLSchema
    _texts: dict[str, str] = field(default_factory=dict[str, str])
    _seen: set[str] = field(default_factory=set[str])

    def answer(self, body: Mapping[str, Any], request_id: str) -> Answered:
        """Whatever is refused is answered, too; only what is wrong with the mock is raised."""
        try:
            return self._run(body, request_id)
        except Refusal as refused:
            if refused.code in ("INVALID_REQUEST", "NOT_FOUND", "QUERY_TOO_COSTLY") and "cost" not in refused.details:
                self.account.quotas.charge_refusal()
            errors = [refused.as_graphql(request_id)]
            return Answered(refused.status, {"errors": errors}, 0, (), refused.code, refused.retry_after)

    def _run(self, body: Mapping[str, Any], request_id: str) -> Answered:
        text = self._text(body)
        variables = members(body.get("variables"))
        document, operation, coerced = self._understood(text, variables, body.get("operationName"))
        found = Inspector(self.catalogue.world, self.schema, document, operation, coerced).inspect()
        surcharge = 0 if text in self._seen or found.is_free else NEW_DOCUMENT_POINTS
        reserved = 0 if found.is_free else found.price + surcharge
        if reserved:
            self.account.quotas.take(reserved)
        self.account.asked = found
        question = Question(self.catalogue.world, self.catalogue, self.account, found.versions, found.is_dry_run)
        result = execute_sync(
            self.schema,
            document,
            context_value=question,
            variable_values=dict(variables),
            operation_name=body.get("operationName"),
        )
        actual = _actual(found, question, reserved)
        errors = _refusals(result.errors or ())
        for error in errors.values():
            if not error.is_of_field:
                self.account.quotas.settle(reserved, min(1, reserved))
                raise error
        self.account.quotas.settle(reserved, actual)
        if not found.is_free:
            self._seen.add(text)
        answered: dict[str, Any] = {"data": plain(result.data)}
        if errors:
            answered["errors"] = [error.as_graphql(request_id, list(path)) for path, error in errors.items()]
        answered["extensions"] = {
            "cost": {"requested": reserved, "actual": actual, "remaining": self.account.quotas.remaining},
            **self._origin(question.answered_by if not found.is_dry_run else {}),
            "requestId": request_id,
        }
        datasets = tuple("/".join(name) for name in question.answered_by)
        return Answered(200, answered, actual, datasets, next((one.code for one in errors.values()), None))

    def _text(self, body: Mapping[str, Any]) -> str:
        """The document itself, or the one that was once given with its hash."""
        text = body.get("query")
        named = members(members(body.get("extensions")).get("persistedQuery")).get("sha256Hash")
        if named is None:
            if not isinstance(text, str):
                raise invalid("The body has no `query`.", "malformed")
            return text
        if text is None:
            if named not in self._texts:
                raise invalid(
                    "PersistedQueryNotFound",
                    "persisted_query_not_found",
                    "Send the document's text and its hash together once.",
                )
            return self._texts[named]
        if hashlib.sha256(text.encode()).hexdigest() != named:
            raise invalid("The hash is not that of the document.", "persisted_query_mismatch")
        self._texts[named] = text
        return str(text)

    def _understood(
        self, text: str, variables: Mapping[str, Any], operation_name: str | None
    ) -> tuple[DocumentNode, OperationDefinitionNode, VariableValues]:
        check_length(text)
        try:
            document = parse(text, max_lexical_tokens=TOKENS_MAX)
        except GraphQLSyntaxError as error:
            raise _refused("parse", error) from error
        except GraphQLError as error:
            raise too_large(error.message) from error
        problems = validate(self.schema, document)
        if problems:
            raise _refused("validation", problems[0])
        check_sizes(document)
        operation = get_operation_ast(document, operation_name)
        if operation is None or operation.operation is not OperationType.QUERY:
            raise invalid("The document has no query of that name; the mock answers queries only.", "operation")
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), dict(variables))
        if isinstance(coerced, list):
            raise _refused("coercion", coerced[0])
        return document, operation, coerced

    def _origin(self, releases: Mapping[Name, Release]) -> dict[str, Any]:
        """The receipt, and the union of terms where datasets are combined."""
        receipt = [self.catalogue.receipt(name, release) for name, release in releases.items()]
        terms = {"terms": self.catalogue.terms(releases)} if len(releases) > 1 else {}
        return {"receipt": receipt, **terms}


def _actual(found: Inspection, question: Question, reserved: int) -> int:
    """What was reserved for records and not read comes back."""
    if not reserved:
        return 0
    unread = found.records // RECORDS_PER_POINT - question.records_read // RECORDS_PER_POINT
    return max(1, reserved - max(0, unread))


def _refused(reason: str, error: GraphQLError) -> Refusal:
    hints = {"validation": "Compare the document with /schema.graphql."}
    return invalid(error.message, reason, hints.get(reason))


def _refusals(errors: Iterable[GraphQLError]) -> dict[tuple[str, ...], Refusal]:
    """By the path in the selection, each once: what one record may not tell, none in the list does."""
    found: dict[tuple[str, ...], Refusal] = {}
    for error in errors:
        why = error.original_error
        if why is not None and not isinstance(why, Refusal):
            raise why
        path = tuple(step for step in error.path or () if isinstance(step, str))
        found.setdefault(path, why or invalid(error.message, "execution"))
    return found


def plain(value: Any) -> Any:
    """As the database writes JSON: a float without a fraction has no point."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, list):
        return [plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    found = an_object(value)
    return value if found is None else {name: plain(one) for name, one in found.items()}


def as_bytes(body: Any) -> bytes:
    """Compact, and never escaped."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
