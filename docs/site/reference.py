"""Pages of the reference, out of the docstrings of the library: read by griffe, never imported.

A docstring is paragraphs. One that begins with `>>>` is an example, one that begins with `Raises:` lists errors, all
others are Markdown. Headings speak the language of the page; signatures and docstrings are English in both.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import griffe
from docs.site.pages import REFERENCE, Group, Language, Words

PACKAGE = "publicgsb_sdk"
SDK = Path(__file__).parents[2] / "sdk"
Told = griffe.Object

RAISES = Words("Raises", "خطاها")
EXAMPLE = Words("Example", "نمونه")
GIVES = Words("Gives", "برمی‌گرداند:")
KIND_OF = Words("A kind of", "گونه‌ای از")
NAME, TYPE, SAYS = Words("name", "نام"), Words("type", "نوع"), Words("what it says", "شرح")
ELSEWHERE = Words("Told on other pages", "در صفحه‌های دیگر")
ALL = Words("All names", "همهٔ نام‌ها")
# What a program makes itself; all else is given to it.
MADE = ("Client", "AsyncClient", "Publisher", "AsyncPublisher", "KeySet", "MockService")
SPOKEN_OF = Words(
    "In the examples `gsb` is a `Client` or an `AsyncClient`, `agency` a `Publisher` or an `AsyncPublisher`, `service` "
    "a `MockService`. Times are seconds, sizes bytes, prices points, days UTC.",
    "در نمونه‌ها `gsb` یک `Client` یا `AsyncClient`، `agency` یک `Publisher` یا `AsyncPublisher` و `service` یک "
    "`MockService` است. زمان به ثانیه، اندازه به بایت، بها به امتیاز و روز به وقت UTC.",
)
LONGEST = 88  # characters of a signature on one line
IN_ENGLISH = "عنوان‌ها فارسی است؛ امضاها و شرح‌ها همان متن انگلیسیِ درون کد است و از چپ به راست می‌آید."


def page(group: Group, language: Language) -> str:
    """The page of a group in Markdown."""
    parts = [f"# {group.title.of(language)}", group.about.of(language), SPOKEN_OF.of(language)]
    parts += [f"> {IN_ENGLISH}"] if language == "fa" else []
    for name in group.names:
        parts += _entry(name, language)
    return "\n\n".join(parts) + "\n"


def index(language: Language) -> str:
    """Every name with the first line of what it says, group by group."""
    parts = [f"# {ALL.of(language)}"]
    for group in REFERENCE:
        parts += [f"## [{group.title.of(language)}]({group.name}.md)", group.about.of(language)]
        rows = [f"| [`{name}`]({group.name}.md#{_anchor(name)}) | {summary(found(name))} |" for name in group.names]
        parts.append(_ltr([f"| {NAME.of(language)} | {SAYS.of(language)} |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def found(name: str) -> Told:
    """What the library has under a name, or a name of one of its modules."""
    target = _library()[name]
    return target.final_target if isinstance(target, griffe.Alias) else target


def members(told: Told) -> list[griffe.Function | griffe.Attribute]:
    """The public methods and properties of a class, in their order."""
    own = [member for name, member in told.members.items() if not name.startswith("_")]
    return [
        member
        for member in own
        if isinstance(member, griffe.Function) or (isinstance(member, griffe.Attribute) and _is_property(member))
    ]


@cache
def _library() -> griffe.Module:
    loaded = griffe.load(PACKAGE, search_paths=[SDK], allow_inspection=False)
    assert isinstance(loaded, griffe.Module)
    return loaded


@cache
def _places() -> dict[str, str]:
    """Which page tells of a name; by its last part too, as docstrings and signatures write it."""
    places = {name: group.name for group in REFERENCE for name in group.names}
    return {name.split(".")[-1]: f"{place}.md#{_anchor(name)}" for name, place in reversed(places.items())} | {
        name: f"{place}.md#{_anchor(name)}" for name, place in places.items()
    }


def _entry(name: str, language: Language) -> Iterator[str]:
    """A name with all that belongs to it."""
    told = found(name)
    if not isinstance(told, griffe.Class):
        yield from _told(told, name, 2, language)
        return
    yield f"## `{name}` {{#{_anchor(name)}}}"
    module = f"{PACKAGE}.{name}".rpartition(".")[0]
    made = _signature(told.name, told) if told.name in MADE else []
    yield _code("python", [f"from {module} import {told.name}", *made])
    if told.bases:
        yield f"{KIND_OF.of(language)} {', '.join(_linked(str(base)) for base in told.bases)}"
    yield from _words(told, language)
    yield from _held(told, language)
    elsewhere = [f"{name}.{member.name}" for member in members(told) if f"{name}.{member.name}" in _places()]
    for member in members(told):
        if f"{name}.{member.name}" not in elsewhere:
            yield from _told(member, f"{name}.{member.name}", 3, language)
    if elsewhere:
        yield f"{ELSEWHERE.of(language)}: {', '.join(f'[`{one}`]({_places()[one]})' for one in elsewhere)}"


def _told(told: Told, name: str, level: int, language: Language) -> Iterator[str]:
    """A function, a property or a value."""
    yield f"{'#' * level} `{name}` {{#{_anchor(name)}}}"
    given = None
    if isinstance(told, griffe.Function):
        given = told.returns
        yield _code("python", _signature(f"{'async ' if 'async' in told.labels else ''}def {told.name}", told))
    elif isinstance(told, griffe.Attribute):
        given = told.annotation
    if given is not None:
        yield f"{GIVES.of(language)} {_linked(str(given))}"
    yield from _words(told, language)


def _words(told: Told, language: Language) -> Iterator[str]:
    """The docstring, part by part."""
    text = told.docstring.value if told.docstring else ""
    prose: list[str] = []
    for paragraph in filter(None, re.split(r"\n{2,}", text)):
        if not paragraph.startswith((">>>", "Raises:")):
            prose += ["", _linked_names(paragraph)]
            continue
        if prose:
            yield _ltr(prose[1:])
            prose = []
        if paragraph.startswith(">>>"):
            yield f"**{EXAMPLE.of(language)}**"
            yield _code("pycon", paragraph.splitlines())
        else:
            yield f"**{RAISES.of(language)}**"
            yield _ltr([f"- [`{name}`]({_places()[name]}): {_linked_names(when)}" for name, when in raised(told)])
    if prose:
        yield _ltr(prose[1:])


def raised(told: Told) -> list[tuple[str, str]]:
    """The errors that a docstring names, each with when it is raised."""
    text = told.docstring.value if told.docstring else ""
    listed = re.search(r"^Raises:\n((?:    .*\n?)+)", text, re.MULTILINE)
    lines = re.sub(r"\n\s+", " ", dedent(listed[1])).splitlines() if listed else []
    return [(name.strip(), when.strip()) for name, _, when in (line.partition(":") for line in lines)]


def _held(told: griffe.Class, language: Language) -> Iterator[str]:
    """What a value has, with types: of an error those of its constructor, which sets them."""
    types = {one.name: one.annotation for one in told.parameters}
    rows = [
        f"| `{one.name}` | {_linked(str(one.annotation or types.get(one.name) or one.value))} |"
        for one in told.members.values()
        if isinstance(one, griffe.Attribute) and not one.name.startswith("_") and not _is_property(one)
    ]
    if rows:
        yield _ltr([f"| {NAME.of(language)} | {TYPE.of(language)} |", "|---|---|", *rows])


def _linked_names(text: str) -> str:
    """With links from classes of the library that stand as code."""
    return re.sub(r"`([A-Z]\w+)`", lambda match: _linked(match[1]), text)


def _linked(expression: str) -> str:
    """A type, with links from the names that have a place."""
    unquoted = re.sub(r"""['"](\w+)['"]""", lambda match: match[1] if match[1] in _places() else match[0], expression)
    pieces = re.split(r"([A-Za-z_][\w.]*)", unquoted)
    shown = [
        f"[`{piece}`]({_places()[piece]})" if piece in _places() else f"`{piece}`" for piece in filter(None, pieces)
    ]
    return "".join(shown).replace("``", "")


def _signature(name: str, told: griffe.Class | griffe.Function) -> list[str]:
    """On one line where it fits, else a line for each parameter."""
    shown: list[str] = []
    for one in told.parameters:
        if one.name.startswith("_") or one.name == "self":
            continue
        star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(one.kind, "")
        if one.kind is griffe.ParameterKind.keyword_only and not any(part.startswith("*") for part in shown):
            shown.append("*")
        annotation = f": {one.annotation}" if one.annotation is not None else ""
        default = f" = {one.default}" if one.default is not None and not star else ""
        shown.append(f"{star}{one.name}{annotation}{default}")
    line = f"{name}({', '.join(shown)})"
    return [line] if len(line) <= LONGEST else [f"{name}(", *(f"    {one}," for one in shown), ")"]


def summary(told: Told) -> str:
    first = (told.docstring.value if told.docstring else "").split("\n\n")[0].replace("\n", " ")
    sentence = re.match(r".*?\.(?= |$)", first)
    return sentence[0] if sentence else first


def _anchor(name: str) -> str:
    return name.strip("_")  # two lines below would be bold type in Markdown


def _is_property(member: griffe.Attribute) -> bool:
    return "property" in member.labels


def _code(language: str, lines: list[str]) -> str:
    return "\n".join([f"```{language}", *lines, "```"])


def _ltr(lines: list[str]) -> str:
    """English words, also on a page that is written from right to left."""
    return "\n".join(['<div dir="ltr" lang="en" markdown="1">', "", *lines, "", "</div>"])
