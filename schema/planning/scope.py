"""What gathers while an operation is planned: slots, levels, touched fields, errors, cursors.

One Scope per plan; the planning modules (planner, selections, …) write into it and read nothing of each other.
"""

from dataclasses import dataclass, field, replace

from graphql import FieldNode, GraphQLField, GraphQLObjectType, SelectionSetNode, get_named_type

from publicgsb.datasets.contracts.decisions import withheld
from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import InvalidRequest, Withheld
from publicgsb.schema.planning.collect import collect
from publicgsb.schema.planning.document import Document
from publicgsb.schema.planning.model import FieldError, Level, LinkPath, Missed, Slot
from publicgsb.schema.planning.tree.changes import Side
from publicgsb.schema.planning.values import MISSING, Leaf, Tree, argument
from publicgsb.schema.types.marks import DatasetKey

_NAME_BYTES_MAX = 63  # PostgreSQL cuts longer output names silently


@dataclass(frozen=True, slots=True)
class At:
    """Where planning stands: under which root field, at which level, in which dataset, at which place of the answer."""

    root: int
    level: int | None
    slot: int
    dataset: DatasetKey
    path: tuple[str, ...]
    side: Side = Side.NOW

    def into(self, name: str) -> "At":
        return replace(self, path=(*self.path, name))

    def below(self, level: int) -> "At":
        return replace(self, level=level)


@dataclass(slots=True)
class Scope:
    registry: Registry
    document: Document
    variables: dict[str, object]
    slots: list[Slot] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    touched: set[tuple[DatasetKey, str]] = field(default_factory=set)
    link_paths: list[LinkPath] = field(default_factory=list)
    afters: list[Leaf] = field(default_factory=list)  # every cursor below the root field that is being planned

    def fields(self, type_: GraphQLObjectType, selection_sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """Response name → its nodes. Raises InvalidRequest for a name that PostgreSQL would cut."""
        fields = collect(selection_sets, type_.name, self.document.fragments, self.variables)
        for name in fields:
            if len(name) > _NAME_BYTES_MAX:
                raise InvalidRequest(
                    f"An alias has at most {_NAME_BYTES_MAX} characters.", reason="limits", hint="Choose a shorter one."
                )
        return fields

    def arguments(self, field: GraphQLField, node: FieldNode) -> dict[str, Tree]:
        """The arguments that are given; a variable that was not given leaves its argument out."""
        found: dict[str, Tree] = {}
        for arg in node.arguments or ():
            tree = argument(arg.value, field.args[arg.name.value].type, self.variables)
            if tree is not MISSING:
                found[arg.name.value] = tree
        return found

    def contract(self, dataset: DatasetKey) -> Contract:
        return self.registry.datasets[dataset].contract

    def slot(self, root: int, dataset: DatasetKey, side: Side = Side.NOW) -> int:
        slot = Slot(root, dataset, side)
        if slot not in self.slots:
            self.slots.append(slot)
        return self.slots.index(slot)

    def level(
        self,
        parent: int | None,
        first: Leaf | None,
        root: int,
        points: int = 0,
        path: tuple[str, ...] = (),
        dataset: DatasetKey | None = None,
    ) -> int:
        self.levels.append(Level(parent, first, root, points, path, dataset))
        return len(self.levels) - 1

    def touch(self, dataset: DatasetKey, column: str) -> None:
        """A withheld column may not decide which records come, nor in which order: that would tell its value."""
        contract = self.contract(dataset)
        self.touched.add((dataset, column))
        found = contract.by_name.get(column)
        if found is not None and contract.access_of(found) is AccessLevel.WITHHELD:
            raise _withheld(dataset, contract, found)

    def is_withheld(self, dataset: DatasetKey, path: tuple[str, ...], field: Field | None = None) -> bool:
        """A field, or the dataset itself. True leaves a typed error at `path`, where null stands."""
        contract = self.contract(dataset)
        level = contract.access if field is None else contract.access_of(field)
        if level is not AccessLevel.WITHHELD:
            return False
        self.errors.append(FieldError(path, _withheld(dataset, contract, field)))
        self.missed.append((dataset, field.name if field else ""))
        return True


def leaf(tree: Tree) -> Leaf | None:
    """An argument that is no input object."""
    assert not isinstance(tree, (dict, list))
    return tree


def object_type(field: GraphQLField) -> GraphQLObjectType:
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    return type_


def _withheld(dataset: DatasetKey, contract: Contract, field: Field | None) -> Withheld:
    what = ".".join((*dataset, field.api_name)) if field else ".".join(dataset)
    return withheld(what, contract, field, field=what, dataset=contract.slug)
