"""What hypothesis-graphql does not draw: aliases, fragments, @skip and @include, variables, the same field again.

It draws a tree of fields with literal arguments. Written anew by `dress`, the tree asks the same records in every way
that a document has to ask for them.
"""

from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    get_named_type,
    is_required_argument,
)

from tests.schema.oracle.pen import Pen, Word


def dress(schema: GraphQLSchema, document: DocumentNode, pen: Pen) -> str:
    """The text of the operation; what its variables are given is then in `pen`."""
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    assert schema.query_type is not None
    dresser = _Dresser(pen)
    body = dresser.selections(operation.selection_set, schema.query_type, is_root=True)
    header = ", ".join(f"${name}: {rest}" for name, rest in pen.definitions.items())
    fragments = "".join(f" fragment {name} on {type_} {text}" for name, (type_, text) in dresser.fragments.items())
    return f"query{f'({header})' if header else ''} {body}{fragments}"


class _Dresser:
    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self.fragments: dict[str, tuple[str, str]] = {}  # name → (type, text)

    def selections(
        self, node: SelectionSetNode, type_: GraphQLObjectType, *, is_root: bool = False, must_alias: bool = False
    ) -> str:
        """`must_alias`: what is written here, or below, may stand beside the same fields with other arguments."""
        texts = []
        for one in node.selections:
            assert isinstance(one, FieldNode)
            texts += self._field(one, type_, must_alias=must_alias)
        if not is_root and self._pen.chance(0.15):
            texts = self._wrapped(texts, type_)
        if not is_root and self._pen.chance(0.12):
            texts.append(self._spread(node, type_))
        return "{ " + " ".join(texts) + " }"

    def _wrapped(self, texts: list[str], type_: GraphQLObjectType) -> list[str]:
        """Some of the fields in an inline fragment."""
        first = self._pen.dice.randrange(len(texts))
        last = self._pen.dice.randrange(first, len(texts)) + 1
        condition = f" on {type_.name}" if self._pen.chance(0.6) else ""
        fragment = f"...{condition}{self._pen.directives()} {{ {' '.join(texts[first:last])} }}"
        return [*texts[:first], fragment, *texts[last:]]

    def _spread(self, node: SelectionSetNode, type_: GraphQLObjectType) -> str:
        """A named fragment of the same fields, now and then one that stands elsewhere too.

        Of another aggregate it may show a key that is not grouped by, and be refused.
        """
        known = [name for name, (on, _) in self.fragments.items() if on == type_.name]
        if known and self._pen.chance(0.02 if "Aggregate" in type_.name else 0.5):
            return f"...{self._pen.dice.choice(known)}{self._pen.directives()}"
        chosen = self._pen.dice.sample(node.selections, self._pen.dice.randrange(len(node.selections)) + 1)
        text = self.selections(SelectionSetNode(selections=tuple(chosen)), type_, must_alias=True)
        name = self._pen.fresh("F")
        self.fragments[name] = (type_.name, text)
        return f"...{name}{self._pen.directives()}"

    def _field(self, node: FieldNode, type_: GraphQLObjectType, *, must_alias: bool) -> list[str]:
        name = node.name.value
        if name == "__typename":
            return [self._pen.alias(name, 0.3) + self._pen.directives()]
        one = type_.fields[name]
        args = list(node.arguments or ())
        header = self._pen.alias(name, 1.0 if must_alias and one.args else 0.25)
        header += self._arguments(args, one)
        texts = [header + self._pen.directives() + self._below(node, one, must_alias=must_alias)]
        if node.selection_set is not None and self._pen.chance(0.08):  # the same field again, to be merged
            texts.append(header + self._below(node, one, must_alias=True))
        if one.args and self._pen.chance(0.08):  # and beside itself, asked a little differently
            fewer = [each for each in args if self._pen.chance(0.7) or is_required_argument(one.args[each.name.value])]
            header = self._pen.alias(name, 1.0) + self._arguments(fewer, one)
            texts.append(header + self._below(node, one, must_alias=False))
        return texts

    def _below(self, node: FieldNode, one: GraphQLField, *, must_alias: bool) -> str:
        inner = get_named_type(one.type)
        if node.selection_set is None:
            return ""
        assert isinstance(inner, GraphQLObjectType)
        return f" {self.selections(node.selection_set, inner, must_alias=must_alias)}"

    def _arguments(self, given: list[ArgumentNode], one: GraphQLField) -> str:
        items = [(node.name.value, _plain(node.value)) for node in given]
        self._pen.dice.shuffle(items)
        texts = [f"{name}: {self._pen.render(value, one.args[name].type)}" for name, value in items]
        return f"({', '.join(texts)})" if texts else ""


def _plain(node: ValueNode) -> Any:
    """The value as JSON has it, except that the words of an enum stay words."""
    match node:
        case ObjectValueNode():
            return {one.name.value: _plain(one.value) for one in node.fields}
        case ListValueNode():
            return [_plain(one) for one in node.values]
        case EnumValueNode():
            return Word(node.value)
        case IntValueNode():
            return int(node.value)
        case FloatValueNode():
            return float(node.value)
        case StringValueNode() | BooleanValueNode():
            return node.value
        case NullValueNode():
            return None
        case _:
            raise AssertionError(f"{node.kind} is no literal")
