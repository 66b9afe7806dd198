"""A link tells how many of its values are keys elsewhere: whoever declares one learns which values a table holds."""

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.problems import Problems
from publicgsb.datasets.privacy.linkage.joins import is_open
from publicgsb.datasets.registry import Registry


def check_links_are_open(contract: Contract, present: Contract | None, registry: Registry, problems: Problems) -> None:
    """Of other agencies only to keys that anybody may read, as in drafts; a link that is declared already may stay."""
    kept = {(link.target, link.fields, link.to_fields) for link in present.links} if present else set()
    for link in contract.links:
        entry = registry.datasets.get(link.target)
        if entry is None or link.to_agency == contract.agency or (link.target, link.fields, link.to_fields) in kept:
            continue
        there = [entry.contract.by_name.get(name) for name in link.to_fields]
        if not all(field is not None and is_open(entry.contract, field) for field in there):
            problems.add(
                f"links.{link.name}.to",
                f"leads to {entry.name} by a key that not everybody may read.",
                "به کلیدی می‌رسد که همه نمی‌توانند بخوانند.",
                "Leave the link out, or ask an operator to declare it: `gsb dataset add`.",
            )
