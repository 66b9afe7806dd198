"""`make docs`: the documentation as a site in English and Persian, in build/docs.

Nothing is fetched from anywhere, by the build or by a reader. mkdocs builds each language by itself, with the theme
Material and no font or script of anybody else's. A link that leads nowhere ends the build.
"""

import logging
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docs.site.gather import gather
from docs.site.pages import GUIDES, LANGUAGES, REFERENCE, ROOT, SERVICE, Language, Words
from docs.site.reference import ALL
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from pymdownx import slugs

HERE = Path(__file__).parent
NAME = Words("Public GSB for developers", "سامانهٔ دادهٔ باز، برای توسعه‌دهندگان")
LIBRARY = Words("The library", "کتابخانه")
THE_SERVICE = Words("The service", "سامانه")
NAMES = Words("Reference", "مرجع")
OTHER = {
    "en": {"lang": "fa", "name": "فارسی", "link": "../fa/index.html"},
    "fa": {"lang": "en", "name": "English", "link": "../en/index.html"},
}
TO_LIGHT, TO_DARK = Words("Light", "روشن"), Words("Dark", "تیره")
ENGLISH_SEARCH = r"[\s\-\u200c,:!=\[\]()\"`/]+|\.(?!\d)|&[lg]t;|(?!\b)(?=[A-Z][a-z])"
PERSIAN_SEARCH = r"[\s\-\u200c\u200f،؛؟«»,:!=\[\]()\"`/]+|\.(?!\d)|&[lg]t;"


def main(target: Path) -> None:
    """Both languages under the folder, and a page that leads to them."""
    shutil.rmtree(target, ignore_errors=True)
    for language in LANGUAGES:
        with TemporaryDirectory() as sources:
            gather(language, Path(sources))
            shutil.copytree(HERE / "assets", Path(sources) / "assets")
            build(config(language, Path(sources), target / language))
        (target / language / "404.html").unlink()  # it would have to know where the site is served from
    shutil.copy(HERE / "index.html", target / "index.html")


def config(language: Language, sources: Path, target: Path) -> MkDocsConfig:
    """What mkdocs is told."""
    return load_config(
        config_file=str(HERE / "mkdocs.yml"),
        site_name=NAME.of(language),
        docs_dir=str(sources),
        site_dir=str(target),
        strict=True,
        use_directory_urls=False,  # so that the pages also open from a disk
        nav=_nav(language),
        theme=_theme(language),
        plugins=[{"search": {"separator": PERSIAN_SEARCH if language == "fa" else ENGLISH_SEARCH, "pipeline": []}}],
        markdown_extensions=[
            *("admonition", "attr_list", "md_in_html", "tables", "pymdownx.highlight", "pymdownx.superfences"),
            {"toc": {"permalink": True, "slugify": slugs.slugify(case="lower")}},
        ],
        extra_css=["assets/site.css"],
        extra_javascript=["assets/search.js"] if language == "fa" else [],
        extra={"generator": False, "alternate": [OTHER[language]]},
    )


def _nav(language: Language) -> list[dict[str, Any]]:
    return [
        {LIBRARY.of(language): [{page.title.of(language): f"{page.name}.md"} for page in GUIDES]},
        {
            NAMES.of(language): [
                {ALL.of(language): "reference/index.md"},
                *({group.title.of(language): f"reference/{group.name}.md"} for group in REFERENCE),
            ]
        },
        {THE_SERVICE.of(language): [{page.title.of(language): f"{page.name}.md"} for page in SERVICE]},
    ]


def _theme(language: Language) -> dict[str, Any]:
    shades = (("default", "material/weather-night", TO_DARK), ("slate", "material/weather-sunny", TO_LIGHT))
    return {
        "name": "material",
        "custom_dir": str(HERE / "theme"),
        "language": language,
        "font": False,
        "features": [
            "navigation.tabs",
            "navigation.top",
            "search.highlight",
            "content.code.copy",
        ],
        "palette": [
            {
                "scheme": scheme,
                "media": f"(prefers-color-scheme: {'dark' if scheme == 'slate' else 'light'})",
                "primary": "teal",
                "accent": "teal",
                "toggle": {"icon": icon, "name": words.of(language)},
            }
            for scheme, icon, words in shades
        ],
    }


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "docs").resolve())
    except Abort as error:
        raise SystemExit(f"The site was not built: {error}") from None
