"""The site as it is built: without a network, whole, in both languages, and asking nobody for anything."""

import functools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from docs.site.__main__ import config
from docs.site.gather import gather
from docs.site.pages import GUIDES, LANGUAGES, REFERENCE, SERVICE
from mkdocs.commands.build import build
from mkdocs.exceptions import Abort
from tests.debian import program
from tests.node_tools import run_node

pytestmark = pytest.mark.prove

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*(page.name for page in (*GUIDES, *SERVICE)), *(f"reference/{group.name}" for group in REFERENCE)]
WITHOUT_NETWORK = """
import runpy, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise OSError(f"the build asked for {arguments}")
sys.addaudithook(refuse)
sys.argv = ["docs.site", sys.argv[1]]
runpy.run_module("docs.site", run_name="__main__")
"""


class Loaded(HTMLParser):
    """What a page has a browser load by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and given.get("rel") not in ("alternate", "canonical", "next", "prev"):
            self.addresses.append(given["href"])
        self.addresses += [given["src"]] if "src" in given else []


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by a process that may not reach any network, in which every warning is an error."""
    target = tmp_path_factory.mktemp("site") / "docs"
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, str(target)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return target


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("link", ["nowhere.md", "frames.md#nowhere", "/frames.md"])
def test_a_link_that_leads_nowhere_ends_the_build(link: str, tmp_path: Path) -> None:
    gather("en", tmp_path / "sources")
    shutil.copytree(ROOT / "docs" / "site" / "assets", tmp_path / "sources" / "assets")
    page = tmp_path / "sources" / "index.md"
    page.write_text(f"{page.read_text('utf-8')}\n[there]({link})\n", "utf-8")
    with pytest.raises(Abort):
        build(config("en", tmp_path / "sources", tmp_path / "site"))


def test_both_languages_have_the_same_pages(site: Path) -> None:
    for language in LANGUAGES:
        built = {str(page.relative_to(site / language)) for page in (site / language).rglob("*.html")}
        assert built == {f"{name}.html" for name in (*PAGES, "reference/index")}


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for page in sorted(site.rglob("*.html")):
        loaded = Loaded()
        loaded.feed(page.read_text("utf-8"))
        assert [one for one in loaded.addresses if "//" in one] == [], page
        assert all((page.parent / unquote(one)).resolve().is_file() for one in loaded.addresses), page


def test_no_style_loads_anything_from_elsewhere(site: Path) -> None:
    for style in sorted(site.rglob("*.css")):
        assert "url(http" not in style.read_text("utf-8") and "@import" not in style.read_text("utf-8"), style


def test_a_page_leads_to_itself_in_the_other_language(site: Path) -> None:
    for language, other in (("en", "fa"), ("fa", "en")):
        for name in PAGES:
            up = "../" * (1 + name.count("/"))
            page = (site / language / f"{name}.html").read_text("utf-8")
            assert f'href="{up}{other}/{name}.html"' in page
            assert f'<html lang="{language}"' in page and (language == "en" or 'dir="rtl"' in page)


def test_a_phone_asks_nobody_else_finds_words_of_both_languages_and_no_page_is_too_wide(url: str) -> None:
    os.environ["CHROMIUM"] = program("chromium", "chromium")
    searches = [["en", "to_pandas"], ["fa", "بودجه"], ["fa", "داده"], ["fa", "كليد"]]
    pages = [f"{language}/{name}.html" for language in LANGUAGES for name in PAGES]
    phone = {"width": 390, "height": 844, "dark": True}
    seen = run_node("site.js", json.dumps({"url": url, "pages": pages, "search": searches, **phone}))
    assert [one for one in seen["requests"] if not one.startswith((url, f"blob:{url}"))] == []
    assert (seen["problems"], seen["wide"]) == ([], [])
    assert f"{url}/en/reference/frames.html?h=to_pandas#Dataset.to_pandas" in seen["found"]["to_pandas"]
    for words, name in (("بودجه", "limits-and-errors"), ("داده", "requests"), ("كليد", "keys")):
        assert any(link.startswith(f"{url}/fa/{name}.html") for link in seen["found"][words]), words
