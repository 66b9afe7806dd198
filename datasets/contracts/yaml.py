"""Reading a contract file: YAML without its surprises, or JSON, which is YAML too.

Texts stay texts: NO is Norway and not false, 2013-01-01 is no date object. A repeated member and an alias are
refused: the one hides a mistake, the other can grow a small file without bound.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from publicgsb.platform.kernel.errors import InvalidRequest, NotFound

FILE_BYTES_MAX = 1024 * 1024


def read_document(path: Path) -> dict[str, Any]:
    """The mapping in the file; raises InvalidRequest with the line of the mistake."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"There is no file {path.name}.") from None
    except OSError as error:
        raise InvalidRequest(f"{path.name} cannot be read: {error.strerror}.") from None
    if len(content) > FILE_BYTES_MAX:
        raise InvalidRequest(f"{path.name} is larger than {FILE_BYTES_MAX} bytes.", reason="contract")
    return read_text(content.decode("utf-8-sig", errors="replace"), path.name)


def read_text(text: str, name: str = "The contract") -> dict[str, Any]:
    try:
        document = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader by descent
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        # The last five come of values that are not what their explicit tag (!!int x) or their look (1000 digits) says.
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "cannot be read"
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InvalidRequest(
            f"{name} is not well-formed YAML or JSON{where}: {problem}.",
            reason="contract",
        ) from None
    if not isinstance(document, dict):
        raise InvalidRequest(f"{name} must be one object.", reason="contract")
    return document


class _PlainLoader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not used here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a member's name is a text", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is given twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp" and (tag != "tag:yaml.org,2002:bool" or first in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
