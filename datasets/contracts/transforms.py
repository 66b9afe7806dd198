"""Reading what is done to the cells of a field: put right in place, or derived from another field."""

from collections.abc import Mapping

from publicgsb.datasets.contracts.model import Derivation, Field, FieldType, Transform, TransformKind
from publicgsb.datasets.contracts.node import Node

_TEXT_KINDS = {TransformKind.ZERO_PAD, TransformKind.PREFIX, TransformKind.PREPEND, TransformKind.FOLD}
_WHOLE = {FieldType.INTEGER, FieldType.BIGINT, FieldType.YEAR}
_NUMBERS = _WHOLE | {FieldType.NUMBER, FieldType.DECIMAL}

_ARGUMENTS: dict[TransformKind, tuple[int, int] | type[str] | None] = {
    TransformKind.ZERO_PAD: (1, 64),
    TransformKind.PREFIX: (1, 64),
    TransformKind.PREPEND: str,
    TransformKind.FOLD: None,
    TransformKind.JALALI_YEAR: None,
    TransformKind.ROUND: (-9, 9),
    TransformKind.SUPPRESS: (2, 1_000),
}


def read_derivation(node: Node) -> Derivation | None:
    derive = node.node("derive")
    if derive is None:
        return None
    source = derive.text("from", required=True)
    transforms = read_transforms(derive, "apply")
    derive.refuse_unknown()
    if node.has("apply"):
        node.problems.add(
            node.at("apply"),
            "belongs inside `derive` here.",
            "اینجا باید درون derive باشد.",
            "Move it there.",
        )
    return Derivation(source, transforms) if source else None


def read_transforms(node: Node, name: str) -> tuple[Transform, ...]:
    found = []
    for at, item in enumerate(node.items(name)):
        word, argument = next(iter(item.items())) if isinstance(item, Mapping) and len(item) == 1 else (item, None)
        kind = node.member(f"{name}[{at}]", word, TransformKind)
        if kind is None:
            continue
        least_most = _ARGUMENTS[kind]
        if isinstance(least_most, tuple):
            least, most = least_most
            is_good = type(argument) is int and least <= argument <= most
            wanted = f"a whole number from {least} to {most}"
        elif least_most is str:
            is_good, wanted = (
                isinstance(argument, str) and 0 < len(argument) <= 32,
                "a text of 1 to 32 characters",
            )
        else:
            is_good, wanted = argument in (None, True), "no argument"
            argument = None
        if not is_good:
            node.expected(f"{name}[{at}]", f"{kind} with {wanted}", f"{kind} با آرگومان درست", f"{kind}: {wanted}.")
        found.append(Transform(kind, argument))
    return tuple(found)


def check_own_transforms(node: Node, field: Field) -> None:
    for transform in field.transforms:
        if transform.kind is TransformKind.JALALI_YEAR or not fits(transform.kind, field.type, field.type):
            node.problems.add(
                node.at("apply"),
                f"{transform.kind} cannot be applied to a {field.type}.",
                f"{transform.kind} را نمی‌توان بر {field.type} به‌کار برد.",
                "Codes are strings; give the field that type.",
            )


def fits(kind: TransformKind, source: FieldType, result: FieldType) -> bool:
    """Whether the transform takes a cell of type `source` to one of type `result`."""
    if kind in _TEXT_KINDS:
        return source is result is FieldType.STRING
    if kind is TransformKind.JALALI_YEAR:
        return source in {FieldType.DATE, FieldType.DATETIME} and result in _WHOLE
    return source in _NUMBERS and result in _NUMBERS
