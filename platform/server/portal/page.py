"""The front page from one registry snapshot: a pure function, so its bytes may be kept per registry version."""

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from publicgsb.datasets.registry import Registry
from publicgsb.platform.server.portal.sample_query import as_curl, sample_query
from publicgsb.platform.server.portal.views import half
from publicgsb.platform.server.portal.words import EN, FA

_FOLDER = Path(__file__).parent / "templates"
PAGES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
STYLE = Markup((_FOLDER / "home.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file, no input
_REGISTRATION = {"name": "My startup", "email": "me@example.org", "purpose": "Trying it out"}


def render_home(registry: Registry, base_url: str, contact: str | None = None) -> str:
    """The whole page, doctype to `</html>`, with nothing to load from elsewhere; `base_url` ends without a slash.

    `contact`: where the operator is written to, as it was set.
    """
    query = sample_query(registry)
    return PAGES.get_template("home.html").render(
        style=STYLE,
        halves=(half(registry, base_url, FA), half(registry, base_url, EN)),
        base_url=base_url,
        register=_register_line(base_url),
        query=query,
        curl=as_curl(query, base_url) if query else None,
        contact=contact,
        has_samples=any(agency.is_sample for agency in registry.agencies.values()),
    )


def _register_line(base_url: str) -> str:
    return (
        f"curl -s {base_url}/api/v1/register -H 'Content-Type: application/json' --data '{json.dumps(_REGISTRATION)}'"
    )
