"""Whether a contract fits among the datasets that are already declared: links lead somewhere, names are free."""

from collections.abc import Iterator

from publicgsb.datasets.contracts.aggregates_document import root_field_names
from publicgsb.datasets.contracts.model import Contract, Field, FieldType, Link
from publicgsb.datasets.contracts.names import camel_case, major_suffix, pascal_case
from publicgsb.datasets.contracts.problems import Problems
from publicgsb.datasets.contracts.shortcuts import names_from_others, names_on
from publicgsb.datasets.registry import Registry

_WHOLE = {FieldType.INTEGER, FieldType.BIGINT, FieldType.YEAR}


def check_neighbours(contract: Contract, registry: Registry) -> Problems:
    problems = Problems("neighbour")
    others = {
        key: entry.contract for key, entry in registry.datasets.items() if key != (contract.agency, contract.dataset)
    }
    _check_own_names(contract, others, problems)
    everything = {**others, (contract.agency, contract.dataset): contract}
    for link in contract.links:
        _check_link(link, contract, everything, problems)
    _check_incoming(contract, others, problems)
    _check_shortcuts(contract, everything, problems)
    return problems


def _check_own_names(contract: Contract, others: dict[tuple[str, str], Contract], problems: Problems) -> None:
    type_name = _type_name(contract)
    for (agency, slug), other in others.items():
        if _type_name(other) == type_name:
            problems.add(
                "recordName",
                f"gives the type {type_name}, which {agency}/{slug} already has.",
                "نوعی هم‌نام در مجموعه‌داده‌ای دیگر هست.",
                "Choose another recordName.",
            )
        if agency == contract.agency and root_field_names(contract) & root_field_names(other):
            names = ", ".join(sorted(root_field_names(contract)))
            problems.add(
                "recordName",
                f"gives the fields {names}; {agency}/{slug} has one of them.",
                "نام فیلدش را مجموعه‌داده‌ای دیگر دارد.",
                "Choose another recordName or dataset name.",
            )
        if agency != contract.agency and camel_case(agency) == camel_case(contract.agency):
            problems.add("agency", f"reads like {agency} in camelCase.", "در camelCase با دیگری یکی است.", "Rename it.")


def _type_name(contract: Contract) -> str:
    return f"{pascal_case(contract.agency)}{contract.record_name}{major_suffix(contract.major)}"


def _check_link(
    link: Link, contract: Contract, everything: dict[tuple[str, str], Contract], problems: Problems
) -> None:
    path = f"links.{link.name}"
    target = everything.get(link.target)
    if target is None:
        problems.add(
            f"{path}.to",
            f"leads to {'/'.join(link.target)}, which is not declared.",
            "به مجموعه‌داده‌ای می‌رسد که تعریف نشده است.",
            "Declare that dataset first, or correct the name.",
        )
        return
    if target.is_aggregate_only:
        problems.add(
            f"{path}.to",
            f"leads to {target.slug}, which releases no records.",
            "به مجموعه‌داده‌ای می‌رسد که رکوردی منتشر نمی‌کند.",
            "Leave the link out.",
        )
        return
    if not any(sorted(key.fields) == sorted(link.to_fields) for key in target.unique_keys):
        keys = "; ".join(", ".join(key.fields) for key in target.unique_keys) or "none"
        problems.add(
            f"{path}.toFields",
            f"must be a key of {target.slug}; its keys: {keys}.",
            f"باید یکی از کلیدهای {target.slug} باشد.",
            "Name the columns of a key.",
        )
        return
    for here, there in zip(link.fields, link.to_fields, strict=True):
        if here in contract.by_name and not _alike(contract.field(here), target.field(there)):
            problems.add(
                f"{path}.fields",
                f"{here} is a {contract.field(here).type}, {there} a {target.field(there).type}.",
                "نوع دو ستون یکی نیست.",
                "Give both the same type; codes are strings.",
            )
    if link.reverse and link.reverse in set(_names_on(target, everything, but=(contract, link))):
        problems.add(
            f"{path}.reverse",
            f"`{link.reverse}` is already a name on the records of {target.slug}.",
            "این نام بر رکوردهای مقصد گرفته شده است.",
            "Choose another reverse name.",
        )


def _check_incoming(contract: Contract, others: dict[tuple[str, str], Contract], problems: Problems) -> None:
    """What others declared about this dataset before: their links need its keys, their reverses need names."""
    own = {*contract.by_api_name, *(link.name for link in contract.links)}
    keys = [sorted(key.fields) for key in contract.unique_keys]
    for other in others.values():
        for link in other.links:
            if link.target != (contract.agency, contract.dataset):
                continue
            if sorted(link.to_fields) not in keys:
                problems.add(
                    "uniqueKeys",
                    f"{other.slug} links to the key {', '.join(link.to_fields)}, which is gone.",
                    "کلیدی که دیگران به آن پیوند دارند حذف شده است.",
                    "Keep the key.",
                )
            if link.reverse in own:
                problems.add(
                    "fields",
                    f"`{link.reverse}` is the reverse of the link {link.name} of {other.slug}.",
                    "این نام، نام بازگشت پیوندی دیگر است.",
                    "Choose another field name.",
                )


def _check_shortcuts(contract: Contract, everything: dict[tuple[str, str], Contract], problems: Problems) -> None:
    others = [other for other in everything.values() if other.slug != contract.slug]
    for at, (key, name) in enumerate(names_on(contract)):
        target = everything.get(key)
        if target is None or key == (contract.agency, contract.dataset):
            continue  # an unknown target is told with its link, own names are compared in checks.py
        taken = {*target.by_api_name, *(link.name for link in target.links)}
        taken |= {link.reverse for other in others for link in other.links if link.target == key and link.reverse}
        taken |= {other_name for _, other_name in names_from_others(key, others)}
        if name in taken:
            problems.add(
                f"shortcuts[{at}].name",
                f"`{name}` is already a name on the records of {target.slug}.",
                "این نام بر رکوردهای مقصد گرفته شده است.",
                "Choose another name.",
            )
    own = {*contract.by_api_name, *(link.name for link in contract.links)}
    for other, name in names_from_others((contract.agency, contract.dataset), others):
        if name in own:
            problems.add(
                "fields",
                f"`{name}` is a shortcut of {other.slug} on these records.",
                "این نام، نام میان‌بری از مجموعه‌داده‌ای دیگر است.",
                "Choose another field name.",
            )


def _names_on(
    target: Contract, everything: dict[tuple[str, str], Contract], but: tuple[Contract, Link]
) -> Iterator[str]:
    yield from target.by_api_name
    yield from (link.name for link in target.links)
    for other in everything.values():
        for link in other.links:
            is_itself = other.slug == but[0].slug and link.name == but[1].name
            if link.target == (target.agency, target.dataset) and link.reverse and not is_itself:
                yield link.reverse
    key = (target.agency, target.dataset)
    yield from (name for _, name in names_from_others(key, everything.values()))


def _alike(here: Field, there: Field) -> bool:
    return here.type is there.type or {here.type, there.type} <= _WHOLE
