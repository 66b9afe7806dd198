"""Log lines are JSON, one object a line, and neither a secret nor what an exception quotes gets into one."""

import json
import logging
import logging.config
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from publicgsb.platform.kernel.masking import mask_credentials
from publicgsb.platform.server.tracebacks import told

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Set by the request's middleware; every line logged within carries it."""

_HEADER = re.compile(
    r"""(?i)((?:authorization|x-api-key)["']?\s*[:=,]\s*(?:b?["'])?+(?:(?:bearer|basic)\s++)?+)"""
    r"""(?!gsb[a-z]_)[^\s"',)}\]]+"""
)
_BEARER = re.compile(r"(?i)\b(bearer\s+)(?!gsb[a-z]_)[\w.~+/=-]{8,}")
_URL_PASSWORD = re.compile(r"(\b[a-z][a-z+]*://[^\s:/@]*:)[^\s@/]+@")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*KEY-----|\Z)", re.DOTALL)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def mask(text: str) -> str:
    """`text` without keys, tokens, credentials of headers, passwords in URLs and private keys."""
    text = mask_credentials(text)
    text = _PRIVATE_KEY.sub("***", text)
    text = _URL_PASSWORD.sub(r"\1***@", text)
    text = _HEADER.sub(r"\1***", text)
    return _BEARER.sub(r"\1***", text)


class JsonLines(logging.Formatter):
    """What a record holds, its `extra` included, masked as the very last step: nothing is added after it.

    Of an exception only its kinds and places: see tracebacks.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(_message(record)),
        }
        if (current := request_id.get()) is not None:
            line["requestId"] = current
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in line:
                line[name] = _masked(value)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = mask(told(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=lambda value: mask(str(value)))


def _message(record: logging.LogRecord) -> str:
    """asyncio's own words on a failure show the call with its arguments and the exception: what it is called stays."""
    message = record.getMessage()
    if record.name == "asyncio" and record.exc_info:
        return re.split(r"[\n(<]", message, maxsplit=1)[0].rstrip()
    return message


def _masked(value: object) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(str(name)): _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else mask(str(value))


def log_config(level: str) -> dict[str, Any]:
    """For `logging.config` and for uvicorn, which applies it in each worker: one handler, JSON lines on stderr."""
    to_root: dict[str, Any] = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "publicgsb.platform.server.logs.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "uvicorn": to_root,
            "uvicorn.error": to_root,
            "uvicorn.access": to_root,
            "asyncio": {"level": "WARNING"},
        },
    }


def set_up_logs(level: str) -> None:
    """For the processes that uvicorn does not start."""
    logging.config.dictConfig(log_config(level))
