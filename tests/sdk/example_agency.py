"""An agency's side of the service that examples are asked of: one dataset, one file, one submission of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from publicgsb_sdk.key import checksum

BODY = "gsba_" + "k" * 8 + "s" * 32
AGENCY_KEY = BODY + checksum(BODY)
SIGNS = "/api/v1/agencies/roads/datasets/signs"
SHA256 = "3f8a"
FILE = "code,height,road,office_postcode\nA1,2.5,1,1111111111\nA2,3.1,1,\nB7,2.5,9,\nB8,4,9,\n"
CONTRACT = "agency: roads\ndataset: signs\nversion: 1.1.0\n"


def words(en: str) -> dict[str, str]:
    return {"en": en, "fa": en}


GOOD: dict[str, Any] = {
    "isReleasable": True,
    "rowsRead": 4,
    "errorsTotal": 0,
    "counts": {},
    "errors": [],
    "warnings": [
        {
            "code": "link-match",
            "field": "road",
            "message": words("The link road to roads/roads found its record for 2/4 (50 %) rows; 95 % should."),
            "fix": words("See whether the right column is named and roads/roads is complete."),
        }
    ],
    "links": [{"name": "road", "to": "roads/roads", "rows": 4, "matched": 2}],
    "findings": [
        {
            "field": "office_postcode",
            "kind": "postal-code",
            "verdict": "workplace",
            "distinct": 3,
            "matched": 3,
            "legalBasis": "IR-PD-5.4",
            "message": words("Field office_postcode: 3 of 3 distinct values fit ten-digit postal codes."),
            "proposal": words("Nothing is to be done."),
        }
    ],
    "notes": [],
}
BAD = GOOD | {
    "isReleasable": False,
    "errorsTotal": 1,
    "counts": {"type-error": 1},
    "errors": [
        {
            "row": 2,
            "field": "height",
            "code": "type-error",
            "shape": "aaaa",
            "message": words("Not a number."),
            "fix": words("If this text means no value, declare it in missingValues."),
        }
    ],
}
SUBMISSION: dict[str, Any] = {
    "id": "sub_1",
    "dataset": "roads/signs",
    "state": "in_review",
    "submittedBy": "Parisa",
    "createdAt": "2026-11-27T08:00:00+00:00",
    "embargoUntil": None,
    "decidedBy": None,
    "reason": None,
    "release": None,
    "file": {"sha256": SHA256},
    "report": GOOD,
    "review": {"change": {"class": "minor"}},
}
JOB = {"id": "job_1", "agency": "roads", "dataset": "signs", "submission": None, "state": "released", "release": 4}
DECLARED = {
    "dataset": "roads/signs",
    "version": "1.1.0",
    "result": "next",
    "takesEffect": "next_release",
    "change": {"class": "minor", "breaks": [], "addedFields": ["material"], "removedFields": []},
}
STANDING = {"dataset": "roads/signs", "isBreaking": False, "breaks": [], "applications": []}
DECIDED: Mapping[str, dict[str, Any]] = {
    "approve": {"state": "approved", "decidedBy": "Reza"},
    "send-back": {"state": "sent_back", "decidedBy": "Reza"},
    "withdraw": {"state": "withdrawn"},
    "submit": {},
}


def write_files(folder: Path) -> None:
    """What the examples send."""
    (folder / "signs.csv").write_text(FILE, "utf-8")
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")


def is_publishing(path: str) -> bool:
    """Whether it is asked of an agency's side."""
    return path.startswith((SIGNS, "/api/v1/validations/", "/api/v1/submissions", "/api/v1/drafts/"))


def answer(request: httpx2.Request, is_file_good: bool) -> httpx2.Response:
    """The answer to a publisher. Whatever takes time at the service is done at once."""
    path = request.url.path
    if path == f"{SIGNS}/contract" and request.method == "GET":
        return httpx2.Response(200, json={"dataset": "signs", "version": "1.0.0"}, headers={"etag": f'"{SHA256}"'})
    if path.endswith("/drafts/drf_1/contract"):
        return httpx2.Response(200, content=CONTRACT.encode())
    if path.endswith("/page"):
        return httpx2.Response(200, content=b"<!doctype html><title>A review</title>")
    status = 202 if path.endswith("/releases") else 200  # 200 is what becomes of a file that was handed in before
    return httpx2.Response(status, json=_document(path, request, is_file_good))


def _document(path: str, request: httpx2.Request, is_file_good: bool) -> dict[str, Any]:
    report = GOOD if is_file_good else BAD
    asked = request.url.params
    match path.removeprefix(SIGNS).removeprefix("/api/v1").strip("/").split("/"):
        case ["validate", "contract"]:
            return {"id": "val_1", "state": "waiting"}
        case ["validate"] | ["validations", *_]:
            return {"id": "val_1", "state": "good" if is_file_good else "refused", "report": report}
        case ["releases"]:
            return JOB | {"state": "released" if is_file_good else "failed", "report": report}
        case ["contract"]:
            return DECLARED | {"dryRun": "dryRun" in asked}
        case ["notice"]:
            return STANDING
        case ["drafts"]:
            return {"id": "drf_1", "state": "made"}
        case ["withdraw"]:
            return {"dataset": "roads/signs", "state": "withdrawn"}
        case ["submissions"] if request.method == "GET":
            return {"submissions": [SUBMISSION]}
        case ["submissions"] if "draft" in asked:
            return SUBMISSION | {"id": "sub_2", "state": "draft", "report": None}
        case ["submissions", identifier, decision]:
            reason = json.loads(request.content).get("reason")
            return SUBMISSION | {"id": identifier, "reason": reason} | DECIDED[decision]
        case ["submissions", identifier]:
            return SUBMISSION | {"id": identifier}
        case ["submissions"]:
            return SUBMISSION
        case _:
            raise AssertionError(f"No example asks for {path}.")
