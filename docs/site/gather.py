"""Puts the sources of one language into a folder, as the site builder wants them.

Links to what is not on the site (decisions, the operator's pages) become their words. On the Persian site a page that
nobody has translated stands in English, and says so.
"""

import os
import re
from pathlib import Path

from docs.site import reference
from docs.site.pages import BEGINNING, GUIDES, REFERENCE, ROOT, SERVICE, Language, Page

LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#)([^)#\s]+)(#[^)\s]*)?\)")
CODE_IN_TABLE = re.compile(r"^\|.*$", re.MULTILINE)  # where GitHub wants \\| even inside of code, and mkdocs does not
ENGLISH_ONLY = "این صفحه به انگلیسی است."


def gather(language: Language, folder: Path) -> None:
    """Write every page of the language."""
    for page in (*GUIDES, *SERVICE):
        _write(folder / f"{page.name}.md", text_of(page, language))
    for group in REFERENCE:
        _write(folder / "reference" / f"{group.name}.md", reference.page(group, language))
    _write(folder / "reference" / "index.md", reference.index(language))


def text_of(page: Page, language: Language) -> str:
    """The Markdown of a page."""
    title = f"# {page.title.of(language)}\n\n"
    if language == "fa" and page.is_translated:
        source = ROOT / "docs" / "fa" / f"{page.name}.md"
        return title + _linked(_body(source.read_text("utf-8"), ()), source)
    source = ROOT / page.source
    body = _linked(_body(source.read_text("utf-8"), page.sections), source)
    if language == "fa":
        return f'{title}> {ENGLISH_ONLY}\n\n<div dir="ltr" lang="en" markdown="1">\n\n{body}\n\n</div>\n'
    return title + body


def _body(text: str, sections: tuple[str, ...]) -> str:
    """The text without its title: all of it, or these sections, a single one without its own heading."""
    beginning, *others = re.split(r"^## ", re.sub(r"\A# .*\n+", "", text), flags=re.MULTILINE)
    if not sections:
        return re.sub(r"\A# .*\n+", "", text)
    known = {BEGINNING: beginning} | {one.partition("\n")[0]: one.partition("\n")[2] for one in others}
    found = [(heading, known[heading].strip()) for heading in sections]
    return found[0][1] if len(found) == 1 else "\n\n".join(f"## {heading}\n\n{body}" for heading, body in found)


def _linked(text: str, source: Path) -> str:
    """With links to the pages that the site has, and words where it has none."""
    homes = {page.source: f"{page.name}.md" for page in reversed((*GUIDES, *SERVICE))}
    homes |= {f"docs/fa/{page.name}.md": f"{page.name}.md" for page in GUIDES}

    def home(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        asked = os.path.relpath((source.parent / target).resolve(), ROOT)
        return f"[{words}]({homes[asked]}{anchor})" if asked in homes else words

    return LINK.sub(home, CODE_IN_TABLE.sub(lambda match: match[0].replace("\\|", "|"), text))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
