"""The schema as hypothesis-graphql is shown it, so that what it draws is worth asking.

The same fields and arguments, with narrower values: a condition names some of the columns and operators, those that
`dice` chooses, conditions of conditions end, a page is a small one, and a text that is compared letter by letter is
written in the letters of this world. What is drawn is valid in the schema itself. Without this most operations hold a
hundred conditions, find nothing or are refused, and take several times as long.
"""

import random
from dataclasses import replace
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    NameNode,
    ScalarTypeDefinitionNode,
    Visitor,
    build_ast_schema,
    parse,
    print_schema,
    visit,
)
from graphql.language import parse_type

PAGE, CENTRE, WORDS, RELEASE = "DrawnPage", "DrawnCentre", "DrawnWords", "Release"
_DEEPER = ("and", "or", "not")
_BY_NAME = {"first": PAGE, "last": PAGE, "near": CENTRE, "search": WORDS, "contains": WORDS}
_CURSORS = ("after", "before")  # known only when pages were answered; `reach` adds them


_COLUMNS, _COLUMNS_INSIDE, _OPERATORS = 4, 2, 2


def lens(schema: GraphQLSchema, dice: random.Random) -> GraphQLSchema:
    document: DocumentNode = visit(parse(print_schema(schema)), _Narrower(dice))
    more = [ScalarTypeDefinitionNode(name=NameNode(value=name)) for name in (PAGE, CENTRE, WORDS)]
    innermost = [
        _innermost(node)
        for node in document.definitions
        if isinstance(node, InputObjectTypeDefinitionNode) and _is_where(node)
    ]
    return build_ast_schema(DocumentNode(definitions=(*document.definitions, *more, *innermost)), assume_valid=True)


class _Narrower(Visitor):
    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice

    def enter_field_definition(self, node: FieldDefinitionNode, *_: Any) -> FieldDefinitionNode:
        return replace(node, arguments=tuple(one for one in node.arguments or () if one.name.value not in _CURSORS))

    def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: Any) -> InputValueDefinitionNode:
        narrow = _BY_NAME.get(node.name.value)
        type_ = node.type if narrow is None else parse_type(narrow)
        return replace(node, type=type_, default_value=None)

    def leave_input_object_type_definition(self, node: InputObjectTypeDefinitionNode, *_: Any) -> Any:
        """Conditions of conditions have none of their own."""
        fields = list(node.fields or ())
        if node.name.value.endswith("Filter"):
            return replace(node, fields=tuple(self._dice.sample(fields, min(_OPERATORS, len(fields)))))
        if not _is_where(node):
            return None
        inner = f"{node.name.value}Inside"
        types = {"and": f"[{inner}!]", "or": f"[{inner}!]", "not": inner}
        deeper = [replace(one, type=parse_type(types[one.name.value])) for one in fields if one.name.value in types]
        columns = [one for one in fields if one.name.value not in types]
        chosen = self._dice.sample(columns, min(_COLUMNS, len(columns)))
        return replace(node, fields=(*chosen, *self._dice.sample(deeper, min(1, len(deeper)))))

    def enter_directive_definition(self, *_: Any) -> Any:
        return REMOVE

    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return None if node.name.value == "oneOf" else REMOVE


def _is_where(node: InputObjectTypeDefinitionNode) -> bool:
    return node.name.value.endswith("Where")


def _innermost(node: InputObjectTypeDefinitionNode) -> InputObjectTypeDefinitionNode:
    columns = tuple(one for one in node.fields or () if one.name.value not in _DEEPER)[:_COLUMNS_INSIDE]
    return InputObjectTypeDefinitionNode(name=NameNode(value=f"{node.name.value}Inside"), fields=columns)
