"""The service tells next steps by its routes, which nobody types at a terminal: here by the command that does the same.

What has no command stays a route.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "POST /api/v1/register": "pgsb register",
        "GET /api/v1/keys": "pgsb key list",
        "POST /api/v1/keys": "pgsb key create",
        "GET /api/v1/quota": "pgsb limits",
        "GET /api/v1/submissions": "pgsb publish review",
        "POST /api/v1/submissions/{}/submit": "pgsb publish submit {}",
        "GET /catalog.json": "pgsb dataset list",
    }
)


def by_commands(hint: str) -> str:
    """The hint with a command for each route that has one."""
    for pattern, command in _PATTERNS:
        hint = pattern.sub(command, hint)
    return hint


_PATTERNS = tuple(
    (re.compile(re.escape(route).replace(r"\{\}", r"([\w-]+)") + r"(?![\w/{-])"), command.replace("{}", r"\1"))
    for route, command in COMMANDS.items()
)
