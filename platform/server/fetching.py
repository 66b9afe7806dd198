"""How files are fetched here, from the settings."""

from publicgsb.datasets.fetching.model import Rules
from publicgsb.platform.server.settings import Settings


def fetch_rules(settings: Settings) -> Rules:
    return Rules(
        bytes_max=settings.upload_bytes_max,
        http_is_allowed=settings.fetch_http,
        private_is_allowed=settings.fetch_private,
    )
