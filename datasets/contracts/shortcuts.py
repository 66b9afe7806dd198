"""Shortcuts of a link dataset: its rows tie two records together, and a shortcut leads from one straight to the other.

In the document of the link dataset:

    shortcuts:
      - { name: crew, from: flight, to: member, label: { fa: "خدمه", en: "Crew" } }

gives the records that the link `flight` leads to a list `crew` of the records that the link `member` leads to.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Label, Shortcut
from publicgsb.datasets.contracts.names import API_NAME
from publicgsb.datasets.contracts.node import Node
from publicgsb.datasets.contracts.problems import Problems


def read_shortcuts(node: Node) -> tuple[Shortcut, ...]:
    found = []
    for entry in node.nodes("shortcuts"):
        name = entry.text("name", required=True, pattern=API_NAME)
        inward = entry.text("from", required=True, pattern=API_NAME)
        outward = entry.text("to", required=True, pattern=API_NAME)
        label = entry.label("label", required=True)
        entry.refuse_unknown()
        if name and inward and outward:
            found.append(Shortcut(name, inward, outward, label or Label("", "")))
    return tuple(found)


def render_shortcut(shortcut: Shortcut) -> dict[str, Any]:
    return {
        "name": shortcut.name,
        "from": shortcut.from_link,
        "to": shortcut.to_link,
        "label": {"fa": shortcut.label.fa, "en": shortcut.label.en},
    }


def check_shortcuts(contract: Contract, problems: Problems) -> None:
    """Both links are the contract's own, and no two names meet on one record."""
    links = {link.name for link in contract.links}
    for at, shortcut in enumerate(contract.shortcuts):
        for member, link in (("from", shortcut.from_link), ("to", shortcut.to_link)):
            if link not in links:
                problems.add(
                    f"shortcuts[{at}].{member}",
                    f"there is no link `{link}`.",
                    f"پیوندی به نام «{link}» نیست.",
                    "Name a link of this contract.",
                )
        if shortcut.from_link == shortcut.to_link:
            problems.add(
                f"shortcuts[{at}].to",
                "is the link it comes from.",
                "همان پیوندی است که از آن می‌آید.",
                "A shortcut leads from one link to another one.",
            )
    itself = (contract.agency, contract.dataset)
    on_target = [*names_on(contract), *((link.target, link.reverse) for link in contract.links if link.reverse)]
    on_target += [(itself, name) for name in (*contract.by_api_name, *links)]
    for at, (target, name) in enumerate(names_on(contract)):
        if on_target.count((target, name)) > 1:
            problems.add(
                f"shortcuts[{at}].name",
                f"`{name}` is already a name on the records of {'/'.join(target)}.",
                "این نام بر رکوردهای مقصد گرفته شده است.",
                "Choose another name.",
            )


def names_on(contract: Contract) -> Iterator[tuple[tuple[str, str], str]]:
    """Each shortcut's name, with the dataset on whose records it stands."""
    links = {link.name: link for link in contract.links}
    for shortcut in contract.shortcuts:
        if shortcut.from_link in links:
            yield links[shortcut.from_link].target, shortcut.name


def names_from_others(target: tuple[str, str], others: Iterable[Contract]) -> Iterator[tuple[Contract, str]]:
    """What shortcuts of other datasets put on the records of `target`."""
    for other in others:
        for on, name in names_on(other):
            if on == target:
                yield other, name
