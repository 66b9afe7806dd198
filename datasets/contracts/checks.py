"""Whether a contract hangs together: every name in it refers to something, and no two clash."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from publicgsb.datasets.contracts.aggregates_document import check_aggregates
from publicgsb.datasets.contracts.coordinates import check_coordinates
from publicgsb.datasets.contracts.decisions import check_decisions
from publicgsb.datasets.contracts.model import (
    AccessLevel,
    Contract,
    Field,
    FieldType,
    Transform,
    TransformKind,
)
from publicgsb.datasets.contracts.names import RESERVED_ENDINGS
from publicgsb.datasets.contracts.privacy_document import check_privacy
from publicgsb.datasets.contracts.problems import Problems
from publicgsb.datasets.contracts.shortcuts import check_shortcuts
from publicgsb.datasets.contracts.transforms import fits

FIELDS_MAX = 250
KEY_COLUMNS_MAX = 8


def check(contract: Contract, problems: Problems) -> None:
    _check_names(contract, problems)
    _check_columns(contract, problems)
    _check_texts(contract, problems)
    _check_formats(contract, problems)
    _check_access(contract, problems)
    check_coordinates(contract, problems)
    check_shortcuts(contract, problems)
    check_aggregates(contract, problems)
    check_privacy(contract, problems)
    check_decisions(contract, problems)
    for at, field in enumerate(contract.fields):
        if field.derive is not None:
            _check_derivation(contract, field, f"fields[{at}].derive", problems)
        if any(step.kind is TransformKind.SUPPRESS for step in _steps(field)) and field.required:
            problems.add(
                f"fields[{at}]",
                "is required, but suppress makes empty cells.",
                "اجباری است ولی suppress خانهٔ تهی می‌سازد.",
                "Drop `required`, and do not make it part of the primary key.",
            )


def _check_names(contract: Contract, problems: Problems) -> None:
    if contract.list_name == contract.record_field:
        problems.add(
            "recordName",
            f"gives `{contract.record_field}`, which is already the dataset's own name.",
            "با نام خود مجموعه‌داده یکی می‌شود.",
            "Name one row, e.g. WeatherHour for the dataset weather.",
        )
    if contract.record_name.endswith(RESERVED_ENDINGS):
        problems.add(
            "recordName",
            f"must not end in any of {', '.join(RESERVED_ENDINGS)}.",
            "پایانش نام محفوظ است.",
            "Choose another word: types with these endings are made from it.",
        )
    _refuse_repeats(
        "fields",
        [field.name for field in contract.fields],
        "is the name of two fields",
        "نام دو فیلد است",
        problems,
    )
    distinct = {field.name: field.api_name for field in contract.fields}
    _refuse_repeats(
        "fields",
        chain(distinct.values(), (link.name for link in contract.links)),
        "is, in camelCase, the name of two fields or links",
        "در camelCase نام دو فیلد یا پیوند است",
        problems,
    )
    _refuse_repeats(
        "orderings",
        [order.name for order in contract.orderings],
        "names two orderings",
        "نام دو ترتیب است",
        problems,
    )
    _refuse_repeats(
        "uniqueKeys", [key.name for key in contract.unique_keys], "names two keys", "نام دو کلید است", problems
    )
    _check_reverses(contract, problems)


def _check_reverses(contract: Contract, problems: Problems) -> None:
    own_reverses = [
        link.reverse for link in contract.links if link.reverse and link.target == (contract.agency, contract.dataset)
    ]
    names = [*(field.api_name for field in contract.fields), *(link.name for link in contract.links)]
    for reverse in own_reverses:
        if reverse in names:
            problems.add("links", f"`{reverse}` is taken by a field.", "نام گرفته شده است.", "Rename it.")
    reverses = [(link.target, link.reverse) for link in contract.links if link.reverse]
    for target, reverse in sorted({pair for pair in reverses if reverses.count(pair) > 1}):
        problems.add(
            "links",
            f"two links to {'/'.join(target)} have the reverse name `{reverse}`.",
            "دو پیوند یک نام بازگشت دارند.",
            "Give each reverse its own name.",
        )


def _refuse_repeats(path: str, names: Iterable[str], en: str, fa: str, problems: Problems) -> None:
    seen: set[str] = set()
    told: set[str] = set()
    for name in names:
        if name in seen and name not in told:
            problems.add(path, f"`{name}` {en}.", f"«{name}» {fa}.", "Rename one of them.")
            told.add(name)
        seen.add(name)


def _check_columns(contract: Contract, problems: Problems) -> None:
    if len(contract.fields) > FIELDS_MAX:
        problems.add("fields", f"are more than {FIELDS_MAX}.", f"بیش از {FIELDS_MAX} است.", "Split the dataset.")
    groups: list[tuple[str, tuple[str, ...]]] = [
        *((f"key {key.name}", key.fields) for key in contract.unique_keys),
        *((f"orderings.{ordering.name}", ordering.fields) for ordering in contract.orderings),
        *((("search", contract.search),) if contract.search else ()),
        *((f"links.{link.name}.fields", link.fields) for link in contract.links),
        *(
            (f"links.{link.name}.toFields", link.to_fields)
            for link in contract.links
            if link.target == (contract.agency, contract.dataset)
        ),
    ]
    for path, columns in groups:
        if not 0 < len(columns) <= KEY_COLUMNS_MAX or len(set(columns)) < len(columns):
            problems.add(
                path,
                f"must name 1 to {KEY_COLUMNS_MAX} columns, each once.",
                f"باید ۱ تا {KEY_COLUMNS_MAX} ستون را، هر یک یک بار، نام ببرد.",
                "Correct the list.",
            )
        for column in columns:
            if column not in contract.by_name:
                problems.add(
                    path,
                    f"there is no column `{column}`.",
                    f"ستون «{column}» وجود ندارد.",
                    "Name a declared column.",
                )
            elif contract.access_of(contract.by_name[column]) is AccessLevel.WITHHELD:
                problems.add(path, f"`{column}` is withheld.", f"«{column}» منتشر نمی‌شود.", "Leave it out.")
    for key in contract.unique_keys:
        only = contract.by_name.get(key.fields[0]) if len(key.fields) == 1 else None
        if only is not None and only.type is FieldType.BOOLEAN:
            problems.add(f"key {key.name}", "true/false is no key.", "بولی کلید نمی‌شود.", "Choose another.")


def _check_texts(contract: Contract, problems: Problems) -> None:
    """What only text has: it can be searched, and its letters belong to an alphabet."""
    strings = {field.name for field in contract.fields if field.type is FieldType.STRING}
    for column in contract.search:
        if column in contract.by_name and column not in strings:
            problems.add("search", f"`{column}` is no text.", f"«{column}» متن نیست.", "Name string fields.")
    for ordering in contract.orderings:
        if ordering.alphabet and strings.isdisjoint(ordering.fields):
            problems.add(
                f"orderings.{ordering.name}.alphabet",
                "orders text, and none of the fields is a string.",
                "متن را مرتب می‌کند و هیچ‌یک از فیلدها متن نیست.",
                "Remove `alphabet`.",
            )


def _check_formats(contract: Contract, problems: Problems) -> None:
    """A pattern of dates that no text can match would refuse every row, or break the reader."""
    for at, field in enumerate(contract.fields):
        if "%" not in field.format:
            continue
        try:
            datetime.strptime("", field.format)
        except (ValueError, re.error) as error:
            if isinstance(error, re.error) or "does not match" not in str(error):
                problems.add(
                    f"fields[{at}].format",
                    "is no pattern of a date: it has an unknown part, or one twice.",
                    "الگوی تاریخ نیست: بخشی ناشناخته یا دوبار آمده دارد.",
                    "Write one like %Y/%m/%d.",
                )


def _check_access(contract: Contract, problems: Problems) -> None:
    closed = {AccessLevel.RESTRICTED, AccessLevel.WITHHELD}
    if contract.access in closed and not contract.legal_ground:
        problems.add(
            "legalGround",
            f"is missing; {contract.access} needs one.",
            "نیامده است؛ این سطح دسترسی مبنای قانونی می‌خواهد.",
            "Name the article, e.g. IR-FOI-14.",
        )
    for at, field in enumerate(contract.fields):
        if field.access in closed and not field.legal_ground:
            problems.add(
                f"fields[{at}].legalGround",
                f"is missing; {field.access} needs one.",
                "نیامده است؛ این سطح دسترسی مبنای قانونی می‌خواهد.",
                "Name the article, e.g. IR-PD-4.3.",
            )
        if field.access is AccessLevel.WITHHELD and (field.required or field.filters):
            problems.add(
                f"fields[{at}]",
                "is withheld, so it can be neither required nor filtered by.",
                "منتشر نمی‌شود، پس نه اجباری است و نه صافی دارد.",
                "Remove `required` and `filters`.",
            )


def _check_derivation(contract: Contract, field: Field, path: str, problems: Problems) -> None:
    assert field.derive is not None
    source = contract.by_name.get(field.derive.source)
    if source is None or source.is_derived or source is field:
        problems.add(
            f"{path}.from",
            "must name a column of the file.",
            "باید نام یک ستون فایل باشد.",
            "Derive from the column itself; transforms can be chained.",
        )
        return
    if field.required and not source.required:
        problems.add(
            path,
            f"cannot be required while `{source.name}` is not.",
            "تا منبعش اجباری نباشد اجباری نمی‌شود.",
            "Require both or neither.",
        )
    type_ = source.type
    for step in field.derive.transforms:
        result = field.type if step.kind is TransformKind.JALALI_YEAR else type_
        if not fits(step.kind, type_, result):
            problems.add(
                path,
                f"{step.kind} cannot be applied to a {type_}.",
                f"{step.kind} را نمی‌توان بر {type_} به‌کار برد.",
                "Correct the chain.",
            )
            return
        type_ = result
    if type_ is not field.type:
        problems.add(path, f"gives a {type_}, not a {field.type}.", "نوع نتیجه نادرست است.", f"Write type {type_}.")


def _steps(field: Field) -> tuple[Transform, ...]:
    return field.transforms + (field.derive.transforms if field.derive else ())
