"""The member `privacy` of a contract: read, rendered, checked."""

from typing import Any

from publicgsb.datasets.contracts.model import AccessLevel, Contract
from publicgsb.datasets.contracts.names import COLUMN
from publicgsb.datasets.contracts.node import Node
from publicgsb.datasets.contracts.privacy import PrivacyTerms, Profile
from publicgsb.datasets.contracts.problems import Problems

QUASI_IDENTIFIERS_MAX = 8
SENSITIVE_MAX = 8
_PATH = "privacy"


def read_privacy(document: Node) -> PrivacyTerms | None:
    node = document.node(_PATH)
    if node is None:
        return None
    terms = PrivacyTerms(
        profile=node.choice("profile", Profile) or Profile.STANDARD,
        quasi_identifiers=node.texts("quasiIdentifiers"),
        sensitive=node.texts("sensitive"),
        contributor=node.text("contributor", pattern=COLUMN),
        workplace=node.texts("workplace"),
    )
    node.refuse_unknown()
    return terms


def render_privacy(terms: PrivacyTerms | None) -> dict[str, Any] | None:
    if terms is None:
        return None
    members: dict[str, Any] = {
        "profile": terms.profile.value,
        "quasiIdentifiers": list(terms.quasi_identifiers),
        "sensitive": list(terms.sensitive),
        "contributor": terms.contributor,
        "workplace": list(terms.workplace),
    }
    return {name: value for name, value in members.items() if value}


def check_privacy(contract: Contract, problems: Problems) -> None:
    """Whatever is named is a released column: what is withheld describes nobody to anybody."""
    terms = contract.privacy
    if terms is None:
        return
    for member, columns, most in (
        ("quasiIdentifiers", terms.quasi_identifiers, QUASI_IDENTIFIERS_MAX),
        ("sensitive", terms.sensitive, SENSITIVE_MAX),
        ("workplace", terms.workplace, len(contract.fields)),
        ("contributor", (terms.contributor,) if terms.contributor else (), 1),
    ):
        path = f"{_PATH}.{member}"
        if len(columns) > most or len(set(columns)) < len(columns):
            problems.add(
                path,
                f"must name at most {most} columns, each once.",
                f"باید حداکثر {most} ستون را، هر یک یک بار، نام ببرد.",
                "Name those that together describe a person best.",
            )
        for column in columns:
            field = contract.by_name.get(column)
            if field is None:
                problems.add(
                    path, f"there is no column `{column}`.", f"ستون «{column}» وجود ندارد.", "Name a declared column."
                )
            elif contract.access_of(field) is AccessLevel.WITHHELD:
                problems.add(path, f"`{column}` is withheld.", f"«{column}» منتشر نمی‌شود.", "Leave it out.")
    if terms.profile is Profile.SENSITIVE and terms.quasi_identifiers and not terms.sensitive:
        problems.add(
            f"{_PATH}.sensitive",
            "is missing; the profile sensitive is about what a group may not share.",
            "نیامده است؛ نمای sensitive دربارهٔ ستونی است که یک گروه نباید یک مقدار آن را داشته باشد.",
            "Name the column that is sensitive, e.g. the diagnosis.",
        )
    for column in terms.sensitive:
        if column in terms.quasi_identifiers:
            problems.add(
                f"{_PATH}.sensitive",
                f"`{column}` is a quasi-identifier too.",
                f"«{column}» شبه‌شناسه هم هست.",
                "Name it in one of them.",
            )
