"""Reference pages that are written from the code: docs/settings.md and docs/errors.md."""

import sys
from pathlib import Path

from pydantic_core import PydanticUndefined

from publicgsb.platform.kernel.errors import ERRORS
from publicgsb.platform.server.settings import Settings

_NOTE = "<!-- Written by `python -m publicgsb.platform.server.reference docs`; edit the code instead. -->"


def settings_reference() -> str:
    """docs/settings.md: every setting, its type, its default and what it means."""
    lines = [
        "# Settings",
        "",
        _NOTE,
        "",
        "Read once at start from the environment. Every problem is reported at once, and a misspelt `GSB_` name is",
        "pointed out. An empty value counts as unset.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else f"`{_shown(field.default)}`"
        lines.append(f"| `GSB_{name.upper()}` | {default or 'unset'} | {field.description} |")
    return "\n".join(lines) + "\n"


def errors_reference() -> str:
    """docs/errors.md: the closed table of codes, the same for REST and GraphQL."""
    lines = [
        "# Errors",
        "",
        _NOTE,
        "",
        "REST answers are `application/problem+json` (RFC 9457) with `code`, `detail`, `hint`, `details` and",
        "`requestId`; GraphQL carries the same in `errors[].extensions`. `details.reason` narrows a code.",
        "Quote the `requestId` when you ask for help: every log line of the request has it.",
        "",
        "| code | HTTP status | retry | meaning |",
        "|---|---|---|---|",
    ]
    for error in ERRORS:
        retry = "yes, after `Retry-After`" if error.retryable else "no"
        lines.append(f"| `{error.code}` | {error.status} | {retry} | {error.meaning} |")
    lines += [
        "",
        "`INVALID_REQUEST` also has the statuses 405, 406, 412, 413, 414, 415, 416 and 428. `RELEASE_GONE`,",
        "`RELEASE_RECALLED`, `DATASET_WITHDRAWN` and `WITHHELD` are field errors inside a 200 on `/graphql`.",
        "",
        "`RATE_LIMITED` names the `policy` in `details`. Reason `database_time`: the database worked as long for the",
        "application, or for the key (policy `database_key`), as its plan allows in a minute, whatever the points.",
    ]
    return "\n".join(lines) + "\n"


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def write_references(folder: Path) -> None:
    (folder / "settings.md").write_text(settings_reference(), encoding="utf-8")
    (folder / "errors.md").write_text(errors_reference(), encoding="utf-8")


if __name__ == "__main__":
    write_references(Path(sys.argv[1]))
