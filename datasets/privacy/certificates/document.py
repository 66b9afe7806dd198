"""What a release certificate says: by which rules a release was judged, how each column did, and what it is made of.

Names, counts, articles and hashes: nothing in it is a value, so anybody may read the certificate of an open release.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Label, TransformKind
from publicgsb.datasets.ingest.report import Ingested
from publicgsb.datasets.privacy.anonymity.model import BOUNDS
from publicgsb.datasets.privacy.certificates.columns import columns_as_released, grounds
from publicgsb.datasets.privacy.pack import Pack

TYPE = "gsb-release-certificate"
FORM = 2  # raised when a member changes its meaning; 1 said of columns only what the gate had found
_COARSER = frozenset({TransformKind.PREFIX, TransformKind.ROUND, TransformKind.SUPPRESS})


def certificate(
    contract: Contract, seq: int, ingested: Ingested, published_at: datetime, reviewer: str | None
) -> dict[str, Any]:
    """`reviewer` None: nobody but the releasing person looked at it."""
    privacy = ingested.report.privacy
    assert privacy is not None
    told = privacy.as_json()
    return {
        "type": TYPE,
        "form": FORM,
        "dataset": contract.slug,
        "title": _label(contract.title),
        "release": seq,
        "publishedAt": published_at.isoformat(),
        "rows": ingested.rows,
        "suppressedCells": ingested.suppressed_cells,
        "reviewer": reviewer,
        "contractVersion": contract.version,
        "sha256": {"file": _file_hash(contract, ingested), "contract": contract.sha256, "release": ingested.sha256},
        "pack": {**told["pack"], "title": _label(privacy.pack.title)},
        "thresholds": _thresholds(privacy.pack),
        "profiles": {
            profile.value: {"k": bounds.k, "l": bounds.l, "unit": bounds.unit.value}
            for profile, bounds in BOUNDS.items()
        },
        "columns": columns_as_released(contract, privacy),
        "withheld": [field.name for field in contract.fields if field not in contract.released_fields],
        "articles": {**told["articles"], **grounds(contract, privacy.pack)},
        "anonymity": told["anonymity"],
        "linkage": told["linkage"],
    }


def _file_hash(contract: Contract, ingested: Ingested) -> str | None:
    """None where the file holds more than the release: who guesses what is secret could try it against the hash."""
    is_whole = len(contract.released_fields) == len(contract.fields) and not contract.is_aggregate_only
    coarser = any(one.kind in _COARSER for field in contract.fields for one in field.transforms)
    return ingested.file_sha256 if is_whole and not coarser else None


def as_text(document: dict[str, Any]) -> str:
    """The bytes that are kept, hashed and signed."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _thresholds(pack: Pack) -> dict[str, Any]:
    return {
        form.value: {
            "kind": rule.kind.value,
            "chance": rule.chance,
            "distinctMin": rule.distinct_min,
            "mixedFrom": rule.mixed_from,
            "blockFrom": rule.block_from,
        }
        for form, rule in pack.rules.items()
    }


def _label(label: Label) -> dict[str, str]:
    return {"fa": label.fa, "en": label.en}
