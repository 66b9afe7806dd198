"""What the service says of a file and of what became of it, read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from publicgsb_sdk.answers import understood
from publicgsb_sdk.errors import FileRefused, ServerError, kind_of
from publicgsb_sdk.wire import items, members

OUT = ("released", "published", "superseded")
UNDER_WAY = ("waiting", "queued", "running", "validating", "approved")


@dataclass(frozen=True, slots=True)
class FileError:
    """One thing that is wrong. `row` counts records from 1, the header not counted; None: it is the whole file's.

    `looks_like` is the shape of the cell, digits as 9 and letters as a; its value is in no report.

    >>> (error,) = agency.validate("signs.csv", dataset="roads.signs").errors
    >>> error.row, error.column, error.code, error.looks_like
    (2, 'height', 'type-error', 'aaaa')
    >>> error.message, error.hint
    ('Not a number.', 'If this text means no value, declare it in missingValues.')
    """

    row: int | None
    column: str | None
    code: str
    looks_like: str | None
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class FileWarning:
    """What keeps nobody from releasing, and should be looked at first.

    >>> [(one.code, one.column) for one in agency.validate("signs.csv", dataset="roads.signs").warnings]
    [('link-match', 'road')]
    """

    code: str
    column: str | None
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the privacy gate found in a column: by which detector, in how many different values, on which legal basis.

    `block` and `mixed` keep the file back, any other `verdict` is to be known; `hint` proposes what to do.

    >>> (finding,) = agency.validate("signs.csv", dataset="roads.signs").findings
    >>> finding.column, finding.kind, finding.verdict, finding.distinct
    ('office_postcode', 'postal-code', 'workplace', 3)
    """

    column: str
    kind: str
    verdict: str
    distinct: int
    matched: int
    legal_basis: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class LinkRate:
    """How many of the rows that have a value for a link find their record.

    >>> (link,) = agency.validate("signs.csv", dataset="roads.signs").links
    >>> link.to, link.matched, link.rows, link.rate
    ('roads/roads', 2, 4, 0.5)
    """

    name: str
    to: str
    rows: int
    matched: int

    @property
    def rate(self) -> float | None:
        """None where no row has a value."""
        return self.matched / self.rows if self.rows else None


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a file. All errors are counted, the first 1,000 told.

    `findings` are the privacy gate's. `document` is all that the service said.

    >>> report = agency.validate("signs.csv", dataset="roads.signs")
    >>> report.is_good, report.rows, report.errors_total
    (True, 4, 0)
    """

    is_good: bool
    rows: int
    errors_total: int
    counts: Mapping[str, int]
    errors: tuple[FileError, ...]
    warnings: tuple[FileWarning, ...]
    findings: tuple[Finding, ...]
    links: tuple[LinkRate, ...]
    notes: tuple[str, ...]
    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """A file on its way to become a release, where somebody else looks at it first.

    `sha256`, `report` and `review` are there when it was asked for by its id.

    >>> submission = agency.submission("sub_1")
    >>> submission.state, submission.submitted_by, submission.report.is_good
    ('in_review', 'Parisa', True)
    """

    id: str
    dataset: str
    state: str
    submitted_by: str
    created_at: datetime
    embargo_until: datetime | None
    decided_by: str | None
    reason: str | None
    release: int | None
    sha256: str | None
    report: Report | None
    review: Mapping[str, Any] | None = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of a file: `release` is its number once it is out; else it waits for a reviewer at `review_at`.

    `is_new` is False where the very same was handed in before: this is what became of that. `reason` is why a reviewer
    sent it back, or a publisher took it back.

    >>> done = agency.release("signs.csv", "roads.signs")
    >>> done.release, done.is_new
    (4, True)
    """

    dataset: str
    state: str
    release: int | None
    submission: str | None
    review_at: str | None
    reason: str | None
    is_new: bool
    report: Report | None
    document: Mapping[str, Any] = field(repr=False)

    @property
    def is_released(self) -> bool:
        """Whether it is, or was, what callers are answered."""
        return self.state in OUT


@dataclass(frozen=True, slots=True)
class DeclaredContract:
    """The newest contract of a dataset, as JSON text and read; `sha256` is what `declare(replaces=…)` wants.

    >>> declared = agency.contract("roads.signs")
    >>> declared.document["dataset"], declared.sha256
    ('signs', '3f8a')
    """

    text: str
    document: Mapping[str, Any] = field(repr=False)
    sha256: str


def read_report(document: Mapping[str, Any], locale: str) -> Report:
    """The report in a document that has one."""

    def said(words: Any) -> str:
        return str(members(words).get(locale) or "")

    found = members(document["report"])
    return Report(
        is_good=bool(found["isReleasable"]),
        rows=found["rowsRead"],
        errors_total=found["errorsTotal"],
        counts=members(found.get("counts")),
        errors=tuple(
            FileError(
                *(one.get("row"), one.get("field"), one["code"], one.get("shape")),
                said(one.get("message")),
                said(one.get("fix")),
            )
            for one in items(found.get("errors"))
        ),
        warnings=tuple(
            FileWarning(one["code"], one.get("field"), said(one.get("message")), said(one.get("fix")))
            for one in items(found.get("warnings"))
        ),
        findings=tuple(
            Finding(
                *(one["field"], one["kind"], one["verdict"], one["distinct"], one["matched"], one["legalBasis"]),
                said(one.get("message")),
                said(one.get("proposal")),
            )
            for one in items(found.get("findings"))
        ),
        links=tuple(LinkRate(one["name"], one["to"], one["rows"], one["matched"]) for one in items(found.get("links"))),
        notes=tuple(said(one) for one in items(found.get("notes"))),
        document=document,
    )


def read_submission(document: Mapping[str, Any], locale: str) -> Submission:
    """A submission, alone or out of a list."""
    return Submission(
        id=document["id"],
        dataset=document["dataset"],
        state=document["state"],
        submitted_by=document["submittedBy"],
        created_at=datetime.fromisoformat(document["createdAt"]),
        embargo_until=_moment(document.get("embargoUntil")),
        decided_by=document.get("decidedBy"),
        reason=document.get("reason"),
        release=document.get("release"),
        sha256=members(document.get("file")).get("sha256"),
        report=read_report(document, locale) if document.get("report") else None,
        review=document.get("review"),
        document=document,
    )


def read_publication(
    document: Mapping[str, Any],
    locale: str,
    *,
    dataset: str,
    is_new: bool,
    submission: str | None = None,
    review_at: str | None = None,
) -> Publication:
    """What became of a file, by its job or by its submission."""
    return Publication(
        dataset=dataset,
        state=document["state"],
        release=document.get("release"),
        submission=submission,
        review_at=review_at,
        reason=document.get("reason"),
        is_new=is_new,
        report=read_report(document, locale) if document.get("report") else None,
        document=document,
    )


def is_under_way(document: Any) -> bool:
    """Whether it is not at its end yet. Whatever has an end says where it stands, and its id."""
    return _standing(document) in UNDER_WAY


def refuse_failed(document: Any, locale: str) -> None:
    """Raises what a document says that came to nothing: FileRefused with its report, else the error it names."""
    if _standing(document) not in ("refused", "failed"):
        return
    if document.get("report"):
        raise _refused(understood("a report", lambda found: read_report(found, locale), document))
    problem = members(document.get("error"))
    if not problem:
        raise ServerError("It came to nothing, and the service does not say why.")
    raise kind_of(problem.get("code"), problem.get("status") or 500)(
        str(problem.get("detail") or problem.get("title")),
        code=problem.get("code"),
        hint=problem.get("hint"),
        details=members(problem.get("details")),
        request_id=problem.get("requestId"),
    )


def _standing(document: Any) -> str:
    return understood("what became of the file", lambda found: (str(found["id"]), str(found["state"])), document)[1]


def _refused(report: Report) -> FileRefused:
    first = next(iter(report.errors), None)
    place = f"row {first.row}, {first.column}: " if first and first.row and first.column else ""
    finding = next((one for one in report.findings if one.verdict in ("block", "mixed")), None)
    why, hint = "The privacy gate refuses it.", None
    if first is not None:
        why, hint = f"{place}{first.message}", first.hint
    elif finding is not None:
        why, hint = finding.message, finding.hint
    return FileRefused(
        f"The file cannot be released: {report.errors_total} errors in {report.rows} rows. {why}", report, hint=hint
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
