"""How the peers are served: as `gsb serve` serves, without its logs."""

from typing import Any

UVICORN: dict[str, Any] = {
    "host": "127.0.0.1",
    "loop": "uvloop",
    "http": "httptools",
    "ws": "none",
    "interface": "asgi3",
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "log_level": "warning",
    "backlog": 2048,
}
