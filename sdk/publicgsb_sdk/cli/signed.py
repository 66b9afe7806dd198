"""A signed answer as a folder that can be shown to somebody: the bytes, the signature, and the question."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publicgsb_sdk.answers import Answer
from publicgsb_sdk.envelope import SIGNATURE as SIGNATURE_HEADER
from publicgsb_sdk.errors import InvalidRequest, SignatureMissing

BODY, SIGNATURE, QUESTION, ABOUT = "answer.json", "signature.txt", "question.graphql", "question.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """What `keep_signed` wrote."""

    body: bytes
    signature: str
    document: str
    variables: Mapping[str, Any]
    operation_name: str | None


def keep_signed(
    folder: Path, answer: Answer, document: str, variables: Mapping[str, Any], operation_name: str | None
) -> None:
    """Into a folder that is new, so that nothing is written over."""
    signature = answer.headers.get(SIGNATURE_HEADER)
    if not signature:
        raise SignatureMissing("The service did not sign this answer.")
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise InvalidRequest(f"{folder} cannot be made: {error.strerror}.") from None
    (folder / BODY).write_bytes(answer.body)
    (folder / SIGNATURE).write_text(signature, encoding="ascii")
    (folder / QUESTION).write_bytes(document.encode())
    about = {"variables": dict(variables), "operationName": operation_name}
    (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def read_kept(folder: Path) -> Kept:
    """The same back."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return Kept(
            (folder / BODY).read_bytes(),
            (folder / SIGNATURE).read_text(encoding="ascii").strip(),
            (folder / QUESTION).read_bytes().decode(),
            dict(about["variables"]),
            about["operationName"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(
            f"{folder} does not hold a signed answer ({type(error).__name__}).",
            hint=f"pgsb query --keep FOLDER writes {BODY}, {SIGNATURE}, {QUESTION} and {ABOUT}.",
        ) from None
