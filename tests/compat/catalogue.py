"""All tools, in the order of the page."""

import importlib
import pkgutil

from tests.compat import tools
from tests.compat.tool import Kind, Tool


def all_tools() -> tuple[Tool, ...]:
    """One of each module in tools/."""
    found = [
        importlib.import_module(f"{tools.__name__}.{one.name}").TOOL for one in pkgutil.iter_modules(tools.__path__)
    ]
    order = list(Kind)
    return tuple(sorted(found, key=lambda tool: (order.index(tool.kind), tool.name.lower())))


TOOLS = all_tools()
