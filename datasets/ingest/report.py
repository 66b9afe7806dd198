"""What reading a file brings back. No value of a cell ever stands in a report, whatever the gate says of it."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.formats.model import Found
from publicgsb.datasets.ingest.links import LinkFound, Warned, warning
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.privacy.model import Finding
from publicgsb.datasets.privacy.report import PrivacyReport

ERRORS_DETAILED_MAX = 1_000
ERRORS_SHOWN_MAX = 50  # in the table for a terminal; JSON and CSV carry all that are detailed

Locale: TypeAlias = Literal["fa", "en"]
_LOCALES: tuple[Locale, ...] = ("en", "fa")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a file of changes did to the release before it."""

    mode: str
    base: int  # that release's number
    added: int
    replaced: int

    def as_json(self) -> dict[str, Any]:
        return {"mode": self.mode, "base": self.base, "added": self.added, "replaced": self.replaced}


@dataclass(frozen=True, slots=True)
class Report:
    """Every row was checked and every error counted; the first 1,000 are told one by one."""

    rows_read: int
    errors_total: int = 0
    counts: Mapping[ErrorCode, int] = field(default_factory=dict)
    errors: tuple[RowError, ...] = ()
    normalisations: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[Label, ...] = ()
    privacy: PrivacyReport | None = None  # what `findings` mean for each column, and for the rows
    found: Found | None = None  # None: the file could not even be opened
    changed: Changed | None = None  # None: the file is the whole release
    links: tuple[LinkFound, ...] = ()  # of this dataset, once the rows were in the database

    @property
    def is_releasable(self) -> bool:
        if self.errors_total or any(f.is_blocking for f in self.findings):
            return False
        return self.privacy is None or not self.privacy.is_blocking

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What keeps nobody from releasing, and should be looked at first."""
        return tuple(warned for link in self.links if (warned := warning(link)) is not None)

    def with_errors(self, errors: Iterable[RowError], counts: Mapping[ErrorCode, int] | None = None) -> "Report":
        """This report and what was found later, e.g. duplicate keys by the database.

        `counts` says how many there are in all when `errors` tells only some of them.
        """
        added = tuple(errors)
        total = Counter(self.counts)
        total.update(counts if counts is not None else Counter(e.code for e in added))
        return replace(
            self,
            errors_total=sum(total.values()),
            counts=dict(total),
            errors=(self.errors + added)[:ERRORS_DETAILED_MAX],
        )

    def as_json(self) -> dict[str, Any]:
        """Ready for a JSON encoder."""
        return {
            "isReleasable": self.is_releasable,
            "file": self.found.as_json() if self.found else None,
            "rowsRead": self.rows_read,
            "changes": self.changed.as_json() if self.changed else None,
            "errorsTotal": self.errors_total,
            "counts": {str(code): count for code, count in self.counts.items()},
            "errors": [_error_as_json(error) for error in self.errors],
            "warnings": [warned.as_json() for warned in self.warnings],
            "links": [link.as_json() for link in self.links],
            "normalisations": dict(self.normalisations),
            "findings": [_finding_as_json(finding) for finding in self.findings],
            "notes": [_label_as_json(note) for note in self.notes],
            "privacy": self.privacy and self.privacy.as_json(),
        }

    def as_csv(self) -> str:
        """One line per detailed error and per finding that blocks; opens safely in a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["row", "field", "code", "shape", "message_en", "message_fa", "fix_en", "fix_fa"])
        for e in self.errors:
            head = ["" if e.row is None else str(e.row), e.field or "", str(e.code), e.shape or ""]
            texts = [e.message.en, e.message.fa, e.fix.en, e.fix.fa]
            writer.writerow([_without_formula(cell) for cell in (*head, *texts)])
        for f in self.findings:
            if f.is_blocking:
                texts = [f.message.en, f.message.fa, f.proposal.en, f.proposal.fa]
                writer.writerow(["", f.field, f"privacy-{f.kind}", "", *texts])
        if self.privacy is not None and self.privacy.is_alone:
            told = [" ".join(_of(line, locale) for line in self.privacy.rows_lines()) for locale in _LOCALES]
            writer.writerow(["", "", "privacy-anonymity", "", *told, "", ""])
        return out.getvalue()

    def as_table(self, locale: Locale = "en") -> str:
        """For a terminal: the verdict, the counts, the first errors."""
        lines = [_TEXTS["releasable" if self.is_releasable else "refused"][locale]]
        if self.found:
            lines.append("  " + ", ".join(f"{name}: {value!r}" for name, value in self.found.as_json().items()))
        lines.append(_TEXTS["read"][locale].format(rows=self.rows_read, errors=self.errors_total))
        if self.changed:
            lines.append(_TEXTS["changed"][locale].format(**self.changed.as_json()))
        lines += [f"  {code}: {count:,}" for code, count in sorted(self.counts.items())]
        lines += [f"  {name}: {count:,}" for name, count in sorted(self.normalisations.items())]
        for link in self.links:
            shapes = ", ".join(f"{shape} ({keys:,})" for shape, keys in link.shapes)
            lines.append(
                f"  {link.name} → {link.to}: {link.matched:,}/{link.rows:,}" + (f"  ✗ {shapes}" if shapes else "")
            )
        for warned in self.warnings:
            lines += [f"! {_of(warned.message, locale)}", f"  → {_of(warned.fix, locale)}"]
        for finding in self.findings:
            if finding.is_blocking:
                lines += [f"! {_of(finding.message, locale)}", f"  → {_of(finding.proposal, locale)}"]
        lines += [f"  {_of(line, locale)}" for line in (self.privacy.lines() if self.privacy else ())]
        lines += [f"  {_of(note, locale)}" for note in self.notes]
        if self.errors:
            lines += ["", *_aligned([_TEXTS["columns"][locale].split("|"), *self._error_rows(locale)])]
        return "\n".join(lines)

    def _error_rows(self, locale: Locale) -> list[list[str]]:
        return [
            [
                "" if error.row is None else str(error.row),
                error.field or "",
                str(error.code),
                error.shape or "",
                f"{_of(error.message, locale)} {_of(error.fix, locale)}",
            ]
            for error in self.errors[:ERRORS_SHOWN_MAX]
        ]


@dataclass(frozen=True, slots=True)
class Ingested:
    """A checked file. The copy file is complete only when `report.is_releasable`.

    `sha256` is of the copy bytes up to the hidden columns, so equal rows in equal order have an equal hash whatever the
    file looked like.
    """

    report: Report
    rows: int
    sha256: str
    copy_columns: tuple[str, ...]
    suppressed_cells: int | None = None  # None: rows are released, not cells
    file_sha256: str = ""  # of the file as it came; "" where it cannot be released
    filled: Mapping[str, int] | None = None  # by field, how many rows have a value; None: not known of what was made


_TEXTS: dict[str, dict[Locale, str]] = {
    "releasable": {"en": "The file can be released.", "fa": "این پرونده قابل انتشار است."},
    "refused": {
        "en": "The file cannot be released as it stands.",
        "fa": "این پرونده به این صورت قابل انتشار نیست.",
    },
    "read": {"en": "Rows read: {rows:,}. Errors: {errors:,}.", "fa": "{rows:,} ردیف خوانده شد، {errors:,} خطا."},
    "changed": {
        "en": "  on release {base} ({mode}): {added:,} added, {replaced:,} replaced.",
        "fa": "  بر انتشار {base} ({mode}): {added:,} افزوده، {replaced:,} جایگزین.",
    },
    "columns": {"en": "row|field|code|looks like|what and how to fix", "fa": "ردیف|ستون|کد|شکل|شرح و راه حل"},
}


def _of(label: Label, locale: Locale) -> str:
    return label.fa if locale == "fa" else label.en


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _label_as_json(label: Label) -> dict[str, str]:
    return {"fa": label.fa, "en": label.en}


def _error_as_json(error: RowError) -> dict[str, Any]:
    return {
        "row": error.row,
        "field": error.field,
        "code": str(error.code),
        "shape": error.shape,
        "message": _label_as_json(error.message),
        "fix": _label_as_json(error.fix),
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "field": finding.field,
        "kind": str(finding.kind),
        "verdict": str(finding.verdict),
        "distinct": finding.distinct,
        "matched": finding.matched,
        "passRate": round(finding.pass_rate, 4),
        "legalBasis": finding.legal_basis,
        "message": _label_as_json(finding.message),
        "proposal": _label_as_json(finding.proposal),
    }


def _without_formula(cell: str) -> str:
    """A spreadsheet runs a cell that begins like a formula (CWE-1236); the shape of one begins like it too."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell
