"""What the parser leaves on a tree and nobody reads again.

Tokens are a fifth of a document's memory, and refer to each other in circles: a document that holds them is freed by
the garbage collector only, and by nobody once it is frozen (kernel/memory.py). Places in the text stay: errors tell
them.
"""

from graphql import DocumentNode, Node


def forget_tokens(document: DocumentNode) -> None:
    """Afterwards the tree goes with its last reference."""
    token = document.loc.start_token if document.loc else None
    while token is not None:
        token.prev, token.next, token = None, None, token.next
    nodes: list[Node] = [document]
    while nodes:
        node = nodes.pop()
        if node.loc is not None:
            node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment]
        for key in node.keys:
            below = getattr(node, key, None)
            if isinstance(below, Node):
                nodes.append(below)
            elif isinstance(below, list | tuple):
                nodes.extend(below)
