"""Rule packs: what is personal in a country, on which article of law, with which thresholds. Data, not code.

A pack is a YAML file in packs/. What it cannot say is how a checksum is computed; detectors.py knows that.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from publicgsb.datasets.contracts.model import Field, Label, Transform, TransformKind
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.ingest.persian import fold
from publicgsb.datasets.privacy.model import Form, Kind

DEFAULT = "iran"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one written form of a kind is judged; the pack's own comments say what the numbers mean."""

    kind: Kind
    chance: float
    distinct_min: int
    mixed_from: float
    doubt_max: float
    block_from: float
    needs_name: bool  # without a name that says so the form is not looked at


@dataclass(frozen=True, slots=True)
class KindRules:
    """Why a kind may not be released, and what an agency can do instead. `proposal` None: drop the column."""

    name: Label
    article: str
    workplace_article: str | None  # on which it is not personal where it is an office's
    proposal: Transform | None
    keeps: Label | None  # what the proposal leaves
    names: re.Pattern[str]
    context: tuple[str, ...]
    warns_only: bool
    is_join_key: bool


@dataclass(frozen=True, slots=True)
class Pack:
    name: str
    version: str
    sha256: str  # of the file
    title: Label
    articles: Mapping[str, Label]
    kinds: Mapping[Kind, KindRules]
    rules: Mapping[Form, Rule]
    lists: Mapping[str, frozenset[str]]
    quasi_identifiers: Mapping[str, re.Pattern[str]]

    def is_called(self, kind: Kind, field: Field) -> bool:
        """Whether words of the kind stand in the field's name or labels."""
        return self.kinds[kind].names.search(told_of(field)) is not None


@cache
def load_pack(name: str = DEFAULT) -> Pack:
    """The pack of that name; a file that is not one is a fault of the installation (ValueError, KeyError)."""
    text = (files("publicgsb.datasets.privacy") / "packs" / f"{name}.yaml").read_text(encoding="utf-8")
    document = read_text(text, f"The rule pack {name}")
    kinds = {Kind(kind): _kind(members) for kind, members in document["kinds"].items()}
    rules = {
        Form(form): _rule(Kind(kind), numbers)
        for kind, members in document["kinds"].items()
        for form, numbers in members["forms"].items()
    }
    articles = {code: _label(words) for code, words in document["articles"].items()}
    for rule in kinds.values():
        for article in (rule.article, rule.workplace_article):
            if article is not None and article not in articles:
                raise ValueError(f"the pack {name} does not quote {article}")
    return Pack(
        name=document["pack"],
        version=document["version"],
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        title=_label(document["title"]),
        articles=articles,
        kinds=kinds,
        rules=rules,
        lists={list_: frozenset(members) for list_, members in document["lists"].items()},
        quasi_identifiers={kind: _words(words) for kind, words in document["quasiIdentifiers"].items()},
    )


def told_of(field: Field) -> str:
    """What a field's name and labels say, in one spelling."""
    return fold(f"{field.name} | {field.label.fa} | {field.label.en}")


def _words(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words, or their plurals: age is not in village. An underscore separates words."""
    folded = sorted((fold(word) for word in words), key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, folded))})(?:s|ها|های|ی)?(?![^\W_])")


def _kind(members: Mapping[str, Any]) -> KindRules:
    proposal = members["proposal"]
    return KindRules(
        name=_label(members["name"]),
        article=members["article"],
        workplace_article=members.get("workplaceArticle"),
        proposal=None if proposal == "drop" else _transform(proposal),
        keeps=_label(members["keeps"]) if "keeps" in members else None,
        names=_words(members["names"]),
        context=tuple(members.get("context", ())),
        warns_only=bool(members.get("warnsOnly", False)),
        is_join_key=bool(members.get("joinKey", False)),
    )


def _transform(proposal: str | Mapping[str, int]) -> Transform:
    if isinstance(proposal, str):
        return Transform(TransformKind(proposal))
    ((word, argument),) = proposal.items()
    return Transform(TransformKind(word), argument)


def _rule(kind: Kind, numbers: Mapping[str, Any]) -> Rule:
    return Rule(
        kind=kind,
        chance=float(numbers["chance"]),
        distinct_min=int(numbers["distinctMin"]),
        mixed_from=float(numbers["mixedFrom"]),
        doubt_max=float(numbers["doubtMax"]),
        block_from=float(numbers.get("blockFrom", 0.8)),
        needs_name=bool(numbers.get("needsName", False)),
    )


def _label(words: Mapping[str, str]) -> Label:
    return Label(words["fa"], words["en"])
