"""Texts too short for a trigram: the whole table is read for them, and that has an end.

An index of trigrams cannot tell where two letters are. PostgreSQL would still take it, read all of it and then look at
every row: 3 to 5 times slower than reading the table alone (decision 0011 has the measurements). One generic plan
serves all values, so the difference is made in the statement: one more of them per plan at most for each set of short
texts, like one more set of releases.
"""

import re

from publicgsb.datasets.contracts.model import Field, FilterOp
from publicgsb.datasets.ingest.persian import fold
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.values import Leaf, Variables

INDEXED_CHARACTERS = 3
SCANNED_ROWS_MAX = 250_000  # some 100 ms, what the commonest word of a `search` takes: it costs the same
_WORD = re.compile(r"[^\W_]+")
_FOLDED_FROM = 12  # characters: whatever is longer, vowel marks included, is no two letters


def short_looks(plan: Plan, variables: Variables) -> frozenset[Leaf]:
    """Those of the plan's `contains` that no index serves at this request."""
    return frozenset(leaf for leaf in plan.looks if _is_short(leaf.get(variables)))


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _FOLDED_FROM and not _holds_trigram(fold(text))


def _holds_trigram(folded: str) -> bool:
    """As pg_trgm takes a LIKE pattern apart: words are what letters and digits make, each with two spaces before it and
    one behind, unless it is cut off there.
    """
    for word in _WORD.finditer(folded):
        around = 2 * (word.start() > 0) + (word.end() < len(folded))
        if len(word[0]) + around >= INDEXED_CHARACTERS:
            return True
    return False


def check_scan(column: Field, release: ReleaseRef) -> None:
    """Raises InvalidRequest for a table that is too long to be read for two letters."""
    if release.rows <= SCANNED_ROWS_MAX:
        return
    contract = release.contract
    ways = [f"Give {INDEXED_CHARACTERS} letters or more"]
    if column.name in contract.search:
        ways.append('for a whole word ask `search: "…"`')
    if FilterOp.STARTS_WITH in column.filters:
        ways.append(f"for a beginning ask `{column.api_name}: {{startsWith: …}}`")
    raise InvalidRequest(
        f"{column.api_name}.contains with fewer than {INDEXED_CHARACTERS} letters would read all records of "
        f"{contract.slug}, which are {release.rows:,}; at most {SCANNED_ROWS_MAX:,} are read so.",
        reason="search_length",
        hint=f"{', or '.join(ways)}.",
    )
