"""The labels of a file: where each field of the contract stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field, Label
from publicgsb.datasets.ingest import persian
from publicgsb.datasets.ingest.model import ErrorCode, RowError

_LABEL_SHOWN_MAX = 64


@dataclass(frozen=True, slots=True)
class Header:
    """`positions` tells the cell of each field that is read; empty when there are errors."""

    width: int
    positions: Mapping[str, int]
    errors: tuple[RowError, ...]
    unread: tuple[str, ...]  # withheld fields whose cells are passed over


def fields_in_file(contract: Contract) -> tuple[Field, ...]:
    """What the file has to hold: what is released and not derived, and what a released field is derived from."""
    released = contract.released_fields
    sources = {f.derive.source for f in released if f.derive}
    return tuple(f for f in contract.fields if not f.derive and (f in released or f.name in sources))


def read_header(labels: Sequence[str], contract: Contract) -> Header:
    """Labels are the fields' names, in any order; a withheld field may be in the file and is not read."""
    names = [label.strip() for label in labels]
    if not any(names):
        return Header(len(names), {}, (_blank_header(),), ())
    wanted = {f.name for f in fields_in_file(contract)}
    unread = {f.name for f in contract.fields if contract.access_of(f) is AccessLevel.WITHHELD} - wanted
    is_header = any(name in contract.by_name for name in names)
    missing = wanted - set(names)
    errors: list[RowError] = []
    for name, count in Counter(names).items():
        at = names.index(name) + 1
        if not name:
            errors += [_blank_label(at)] * count
        elif name in wanted or name in unread:
            errors += [_duplicate(name)] * (count - 1)
        elif meant := _meant(name, contract, missing):
            errors.append(_incorrect(meant, at))
            missing.discard(meant)
        else:
            errors.append(_extra(name if is_header else None, at))
    errors += [_missing(f.name, is_header) for f in contract.fields if f.name in missing]
    positions = {} if errors else {name: names.index(name) for name in wanted}
    return Header(len(names), positions, tuple(errors), tuple(sorted(unread & set(names))))


def _meant(name: str, contract: Contract, missing: set[str]) -> str | None:
    """The missing field whose name or label this is, but for case, spaces and letters."""
    told = _loose(name)
    for field in contract.fields:
        if field.name in missing:
            spellings = (field.name, field.api_name, field.label.fa, field.label.en)
            if told in {_loose(spelling) for spelling in spellings if spelling}:
                return field.name
    return None


def _loose(name: str) -> str:
    return persian.fold(name).replace("_", "").replace("-", "").replace(" ", "")


def _blank_header() -> RowError:
    return RowError(
        None, None, ErrorCode.BLANK_HEADER, None,
        Label("سطر نخست خالی است.", "The first line is blank."),
        Label("نام ستون‌ها را در سطر نخست بنویسید.", "Put the column names into the first line."),
    )  # fmt: skip


def _blank_label(at: int) -> RowError:
    return RowError(
        None, None, ErrorCode.BLANK_LABEL, None,
        Label(f"عنوان ستون {at} خالی است.", f"The label of column {at} is blank."),
        Label("عنوان را بنویسید یا ستون را حذف کنید.", "Name the column or delete it."),
    )  # fmt: skip


def _duplicate(name: str) -> RowError:
    return RowError(
        None, name, ErrorCode.DUPLICATE_LABEL, None,
        Label(f"عنوان {name} بیش از یک بار آمده است.", f"The label {name} stands there more than once."),
        Label("یکی از ستون‌ها را حذف کنید.", "Delete one of the columns."),
    )  # fmt: skip


def _incorrect(meant: str, at: int) -> RowError:
    return RowError(
        None, meant, ErrorCode.INCORRECT_LABEL, None,
        Label(f"عنوان ستون {at} درست نوشته نشده است.", f"The label of column {at} is spelt differently."),
        Label(f"آن را دقیقاً {meant} بنویسید.", f"Write exactly {meant}."),
    )  # fmt: skip


def _extra(name: str | None, at: int) -> RowError:
    """The label itself is told only of a line that is surely a header: else it may be a person's data."""
    shown = "".join(one if one.isprintable() else "␀" for one in (name or "")[:_LABEL_SHOWN_MAX])
    told = f" ({shown})" if shown else ""
    return RowError(
        None, None, ErrorCode.EXTRA_LABEL, None,
        Label(f"ستون {at}{told} در قرارداد نیست.", f"Column {at}{told} is not in the contract."),
        Label("آن را از پرونده حذف یا در قرارداد اعلام کنید.", "Delete it from the file, or declare it."),
    )  # fmt: skip


def _missing(name: str, is_header: bool) -> RowError:
    return RowError(
        None, name, ErrorCode.MISSING_LABEL, None,
        Label(f"ستون {name} در پرونده نیست.", f"The file has no column {name}."),
        Label("ستون را به پرونده بیفزایید.", "Add the column to the file.")
        if is_header
        else Label("سطر نخست باید نام ستون‌ها باشد.", "The first line must hold the column names."),
    )  # fmt: skip
