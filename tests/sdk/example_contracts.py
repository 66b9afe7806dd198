"""The contracts that the examples of `publicgsb_sdk.testing` are run over: airports, in a folder."""

import json
from pathlib import Path
from typing import Any

AIRPORTS: dict[str, Any] = {
    "agency": "aviation",
    "dataset": "airports",
    "version": "1.0.0",
    "recordName": "Airport",
    "title": {"fa": "فرودگاه‌ها", "en": "Airports"},
    "description": {"fa": "نمونه", "en": "Sample"},
    "access": "open",
    "licence": "CC0-1.0",
    "attribution": "Made by hand",
    "source": {"name": "Hand-made", "year": 2026},
    "theme": "transport",
    "cadence": "once",
    "primaryKey": ["icao"],
    "fields": [
        {
            "name": "icao",
            "type": "string",
            "label": {"fa": "ایکائو", "en": "ICAO"},
            "constraints": {"required": True, "pattern": "O[A-Z]{3}"},
            "filters": ["eq"],
        },
        {"name": "name", "type": "string", "label": {"fa": "نام", "en": "Name"}},
    ],
}


def write_files(folder: Path) -> None:
    """What the examples read."""
    (folder / "contracts").mkdir()
    (folder / "contracts" / "airports.json").write_text(json.dumps(AIRPORTS), "utf-8")
