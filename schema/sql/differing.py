"""What differs between two releases of a dataset: keys, met with both tables, read in key order.

Every part is read off the key indexes, so a page ends as soon as it is full. Values are compared by their binary image:
1.0 and 1.00 leave as different text, so they differ.
"""

from publicgsb.datasets.contracts.model import ROW_COLUMN, Field
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.schema.planning.tree.changes import ChangeKind, Changes, Side
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.binding import PG_TYPES
from publicgsb.schema.sql.conditions import condition_sql, stored
from publicgsb.schema.sql.context import Context
from publicgsb.schema.sql.cursor import CHANGES, changes_cursor_length, fingerprint
from publicgsb.schema.types.connections import COUNT_MAX, PAGE_MAX


class Differing:
    """The keys `g` whose records `before` and `after` differ; the three are aliases of the statement."""

    def __init__(self, context: Context, changes: Changes) -> None:
        self._context = context
        self._c = changes
        self.now = context.release(changes.slot)
        self.since = context.release(changes.since_slot)
        contract = self.now.contract
        self.key = tuple(contract.field(column) for column in contract.primary_key)
        stored_somewhere = self.now.columns | self.since.columns
        self.compared = tuple(field for field in changes.compared if field.name in stored_somewhere)
        self._trail = context.trails.get(context.root, ())
        self.before, self.after, self.g = context.alias("o"), context.alias("n"), context.alias("g")

    def page(self, limit: str) -> str:
        """The page's keys in their order (`rn`), with both records beside each; `limit` is a bound parameter."""
        columns = _listed(self.g, self.key)
        order = _listed(self.g, self.key, " desc" if self._c.is_backward else "")
        scan = (
            f"select {columns}, row_number() over (order by {order}) as rn "
            f"from {self._candidates('<' if self._c.is_backward else '>')} "
            f"where {self._differs()} order by {order} limit {PAGE_MAX + 1}"
        )  # the bound limit stands where the query planner cannot look, as in pages.py
        return self._sides(f"(select {self.g}.* from ({scan}) {self.g} limit (select {limit})) {self.g}")

    def _candidates(self, side: str = "") -> str:
        """Every key that may differ, on that side of the cursor, with both tables beside it."""
        tables = [released(release.changes.table) for release in self._trail if release.changes]
        tables = tables or [self._context.table(slot) for slot in (self._c.since_slot, self._c.slot)]
        keys = " union all ".join(self._keys(table, side) for table in tables)
        names = _listed("u", self.key)
        return self._sides(f"(select distinct {names} from ({keys}) u) {self.g}")

    def _keys(self, table: str, side: str) -> str:
        u = self._context.alias("u")
        columns = _listed(u, self.key)
        if not side or self._c.after is None:
            return f"select {columns} from {table} {u}"
        after, name, length = self._c.after, self._fingerprint, changes_cursor_length(self.now.contract)
        values = [
            self._context.param(
                binding.cursor_part(after, lambda _: name, 2 + number, length, field.type),
                PG_TYPES[field.type],
                *("cursor", after, number, name),
            )
            for number, field in enumerate(self.key)
        ]
        return f"select {columns} from {table} {u} where ({columns}) {side} ({', '.join(values)})"

    def _sides(self, keys: str) -> str:
        """A source of keys that goes by `g`, and both tables joined to it."""
        joins = [keys]
        for alias, slot in ((self.before, self._c.since_slot), (self.after, self._c.slot)):
            on = " and ".join(f"{alias}.{quote(field.name)} = {self.g}.{quote(field.name)}" for field in self.key)
            joins.append(f"left join {self._context.table(slot)} {alias} on {on}")
        return " ".join(joins)

    def _differs(self) -> str:
        if self.now.id == self.since.id:
            return "false"
        # A key that came and went between the two is in neither.
        is_change = f"({absent(self.before)}) <> ({absent(self.after)}) or {self.unequal(self.compared)}"
        if self._c.condition is None:
            return f"({is_change})"
        before = condition_sql(self._context, self._c.condition, self.before, self.since)
        after = condition_sql(self._context, self._c.condition, self.after, self.now)
        return f"({is_change}) and (({present(self.before)} and {before}) or ({present(self.after)} and {after}))"

    def unequal(self, fields: tuple[Field, ...]) -> str:
        """Whether any of these differs where both records are there."""
        if not fields:
            return "false"
        before = ", ".join(stored(self.before, field, self.since) for field in fields)
        after = ", ".join(stored(self.after, field, self.now) for field in fields)
        return f"record_image_ne(row({before}), row({after}))"

    def is_behind(self) -> str:
        """Whether a change stands at the cursor or beyond it, away from the page.

        Asked, not inferred: the cursor may come from a feed with another condition.
        """
        if self._c.after is None:
            return "false"
        side = ">=" if self._c.is_backward else "<="
        return f"exists (select from {self._candidates(side)} where {self._differs()})"

    def tallies(self) -> str:
        """Over all changes, whatever page is read: exact, or null above COUNT_MAX."""
        kinds = {
            ChangeKind.ADDED: absent(self.before),
            ChangeKind.REMOVED: absent(self.after),
            ChangeKind.CHANGED: f"{present(self.before)} and {present(self.after)}",
        }
        flags = ", ".join(f"({sql}) as {kind}" for kind, sql in kinds.items())
        changes = f"select {flags} from {self._candidates()} where {self._differs()} limit {COUNT_MAX + 1}"
        counts = (
            f"case when count(*) <= {COUNT_MAX} then count(*) filter (where f.{kind}) end as {kind}" for kind in kinds
        )
        return f"select {', '.join(counts)} from ({changes}) f"

    @property
    def _fingerprint(self) -> str:
        return fingerprint(self.now.contract, CHANGES, False)

    def cursor_payload(self) -> str:
        """[order, newest version, version, since version, key…]: both releases stay what they are over all pages."""
        name, root = self._fingerprint, self._context.root
        label = self._context.param(lambda _: name, "text", "fingerprint", name)
        versions = [
            self._context.param(binding.newest_version(root), "int8", "newest version", root),
            self._context.param(binding.root_version(root, Side.NOW), "int8", "version", root, Side.NOW),
            self._context.param(binding.root_version(root, Side.SINCE), "int8", "version", root, Side.SINCE),
        ]
        values = [f"({self.g}.{quote(field.name)})::text" for field in self.key]
        return f"json_build_array({', '.join([label, *versions, *values])})::text"


def _listed(alias: str, fields: tuple[Field, ...], direction: str = "") -> str:
    return ", ".join(f"{alias}.{quote(field.name)}{direction}" for field in fields)


def absent(alias: str) -> str:
    return f"{alias}.{quote(ROW_COLUMN)} is null"


def present(alias: str) -> str:
    return f"{alias}.{quote(ROW_COLUMN)} is not null"
