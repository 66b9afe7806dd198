"""`contains` and `search` as SQL: folded words against the hidden columns of a release, by their trigram indexes.

What matches is found first and put in order afterwards: `offset 0` keeps the planner from walking an ordering's index
and filtering what it meets. Decision 0011 says what was tried.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from publicgsb.datasets.contracts.hidden import SEARCH_COLUMN, fold_column
from publicgsb.datasets.contracts.model import Contract, Field, FieldType, FilterOp
from publicgsb.datasets.ingest.persian import fold
from publicgsb.datasets.ingest.search_form import line, words
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import quote
from publicgsb.datasets.releases.ordering import Term, TermKind, order_terms
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.search import searched_in
from publicgsb.schema.planning.tree.records import Connection
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.binding import Binder, Bound
from publicgsb.schema.sql.context import Context
from publicgsb.schema.sql.cursor import bad_cursor
from publicgsb.schema.sql.short import check_scan

CHARACTERS_MIN = 2
CHARACTERS_MAX = 200
WORDS_MAX = 12
STRICT_ENOUGH = 10  # so many records with the words themselves, and similar ones are not looked for
_INDEXED_WORDS = 3
_SLIP_LETTERS_MIN, _SHORT_WORD_MAX, _SWAPPED_LETTERS_MAX = 4, 8, 24  # each slip is one more look into the index
_ASKED, _SCORE = "_asked", "_score"
_TIER = 1_000_000  # below it a shorter text comes first
_PARTS = 1_000  # of the distance


def contains(context: Context, t: str, column: Field, leaf: Leaf, release: ReleaseRef) -> str:
    """Raises InvalidRequest when the bound release is older than the filter."""
    stored = release.contract.by_name.get(column.name)
    if stored is None or FilterOp.CONTAINS not in stored.filters:
        raise InvalidRequest(
            f"Release {release.seq} of {release.contract.slug} cannot be filtered by {column.api_name}.contains.",
            reason="release",
            hint="It is older than that filter: ask the current release, or use another filter.",
        )
    pattern = context.param(_pattern(leaf, column), "text", FilterOp.CONTAINS, leaf, column)
    folded = f"{t}.{quote(fold_column(column.name))}"
    if leaf in context.shorts:
        if not context.is_tied:
            check_scan(column, release)
        folded = f"({folded} || '')"  # which is in no index
    return f"{folded} like {pattern}"


def _pattern(leaf: Leaf, column: Field) -> Binder:
    text_of = binding.operand(leaf, column)

    def bind(bound: Bound) -> str:
        folded = fold(text_of(bound))
        _check_length(folded, f"{column.api_name}.contains")
        escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{escaped}%"

    return bind


def _check_length(folded: str, what: str) -> None:
    if not CHARACTERS_MIN <= len(folded) <= CHARACTERS_MAX:
        raise InvalidRequest(
            f"{what} takes {CHARACTERS_MIN} to {CHARACTERS_MAX} characters, spaces around them not counted.",
            reason="search_length",
            hint="Look for a longer part, or for fewer words; `startsWith` takes a single character.",
        )


class Asked(NamedTuple):
    """What was searched for, as the patterns that the index and the ranks look at."""

    text: str
    joined: str
    digest: str
    whole_line: str
    joined_line: str
    phrase: str
    whole_words: list[str]
    word_starts: list[str]
    indexed: list[str]  # the longest word starts, always three
    joined_start: str
    slips: list[str]  # one letter lost, added, wrong or swapped: trigrams see little likeness in a short word


@lru_cache(maxsize=1024)
def asked(text: str) -> Asked:
    """Raises InvalidRequest for fewer than two letters or digits, and for what is no longer a few words."""
    if len(text) > CHARACTERS_MAX:
        _check_length(text, "search")
    found = words(fold(text))
    joined = "".join(found)
    _check_length(joined, "search")
    if len(found) > WORDS_MAX:
        raise InvalidRequest(
            f"search takes at most {WORDS_MAX} words.",
            reason="search_length",
            hint="Leave some out: the best matches come first.",
        )
    starts = [f"% {word}%" for word in found]
    meant = dict.fromkeys(slip for word in (joined, max(found, key=len)) for slip in _slips(word))
    longest = sorted(starts, key=len, reverse=True)[:_INDEXED_WORDS]
    return Asked(
        text=" ".join(found),
        joined=joined,
        digest=hashlib.sha256(" ".join(found).encode()).hexdigest()[:8],
        whole_line=f"%\n{line(found)}\n%",
        joined_line=f"%\n{line([joined])}\n%",
        phrase=f"%{line(found)}%",
        whole_words=[f"%{line([word])}%" for word in found],
        word_starts=starts,
        indexed=[*longest, *longest[-1:] * (_INDEXED_WORDS - len(longest))],
        joined_start=f"% {joined}%",
        slips=[f"%{line([word])}%" for word in meant] or [f"%{line([joined])}%"],
    )


def _slips(word: str) -> Iterator[str]:
    """What may have been meant; `_` stands for any letter."""
    if not _SLIP_LETTERS_MIN <= len(word) <= _SWAPPED_LETTERS_MAX:
        return
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if len(word) > _SHORT_WORD_MAX:
        return
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + "_" + word[place + 1 :]
        yield word[: place + 1] + "_" + word[place + 1 :]


def search_terms(contract: Contract) -> tuple[Term, ...]:
    """Which words were asked for, so that a cursor of other words is told apart; the rank; the key."""
    return (
        Term(_ASKED, TermKind.COLUMN, FieldType.STRING, False),
        Term(_SCORE, TermKind.COLUMN, FieldType.INTEGER, False),
        *order_terms(contract, None, False),
    )


def read_from(context: Context, c: Connection, t: str, belonging: list[str], place: Sequence[str] = ()) -> str:
    """What follows FROM, with its WHERE: the records of a list under the alias `t`, at a place in its order."""
    table = f"{context.table(c.slot)} {t}"
    conditions = [*belonging, *place]
    if c.search is not None:
        table, conditions = f"({_matches(context, c, c.search, t, belonging)}) {t}", list(place)
    elif searched_in(c.condition):
        table, conditions = f"(select {t}.* from {table} where {' and '.join(belonging)} offset 0) {t}", list(place)
    return f"{table} where {' and '.join(conditions)}" if conditions else table


def _matches(context: Context, c: Connection, leaf: Leaf, t: str, conditions: list[str]) -> str:
    """Records that have the words; when those are fewer than a first page, also records that have similar ones."""
    _refuse_older(context.release(c.slot))
    sql = _Search(context, c, leaf, t)
    strict = " and ".join([sql.has_words(), *conditions])
    similar = " and ".join([f"not ({sql.has_words()})", sql.is_similar(), *conditions])
    table = f"{context.table(c.slot)} {t}"
    enough, few = sql.number(STRICT_ENOUGH), context.alias("f")
    is_few = f"(select count(*) from (select from {table} where {strict} limit {enough}) {few}) < {enough}"
    head = f"select {t}.*, {sql.digest()} as {quote(_ASKED)}"
    return (
        f"{head}, {sql.rank()} as {quote(_SCORE)} from {table} where {strict}"
        f" union all {head}, {sql.distance()} as {quote(_SCORE)} from {table} where {similar} and {is_few}"
    )


def _refuse_older(release: ReleaseRef) -> None:
    if not release.contract.search:
        raise InvalidRequest(
            f"Release {release.seq} of {release.contract.slug} cannot be searched.",
            reason="release",
            hint="It is older than its search: ask the current release, or filter it with `where`.",
        )


class _Search:
    """The conditions and ranks of one search; every value in them is a parameter."""

    def __init__(self, context: Context, c: Connection, leaf: Leaf, t: str) -> None:
        self._context = context
        self._connection = c
        self._leaf = leaf
        self._text = f"{t}.{quote(SEARCH_COLUMN)}"

    def has_words(self) -> str:
        """Each word begins a word of the record, or the words joined do."""
        indexed = [f"{self._text} like {self._indexed(place)}" for place in range(_INDEXED_WORDS)]
        starts = f"{self._text} like all({self._param('word_starts', 'text[]')})"
        return f"({' and '.join([*indexed, starts])} or {self._like('joined_start')})"

    def is_similar(self) -> str:
        alike = [f"{self._text} operator(public.%>) {self._param(name)}" for name in ("text", "joined")]
        return f"({' or '.join([self._is_slip(), *alike])})"  # the cheap one first: it decides most records

    def rank(self) -> str:
        """Lower is better: the whole value, the phrase, the words, their beginnings, the words joined."""
        shorter = f"least(octet_length({self._text}), {self.number(_TIER - 1)})"
        whole = f"{self._text} like all({self._param('whole_words', 'text[]')})"
        starts = f"{self._text} like all({self._param('word_starts', 'text[]')})"
        return (
            f"case when {self._like('whole_line')} then 0 when {self._like('joined_line')} then 1"
            f" when {self._like('phrase')} then {self._tier(1)} + {shorter}"
            f" when {whole} then {self._tier(2)} + {shorter} when {starts} then {self._tier(3)} + {shorter}"
            f" else {self._tier(4)} + {shorter} end"
        )

    def distance(self) -> str:
        """A slip: the shorter the better; others: thousandths that the most similar stretch lacks of being alike.

        How alike a record is takes long to say, and a slip of a common word may be in all of them.
        """
        shorter = f"least(octet_length({self._text}), {self.number(_TIER - 1)})"
        alike = ", ".join(f"public.word_similarity({self._param(name)}, {self._text})" for name in ("text", "joined"))
        apart = f"((1 - greatest({alike})) * {self.number(_PARTS)})::int4"
        return f"case when {self._is_slip()} then {self._tier(5)} + {shorter} else {self._tier(6)} + {apart} end"

    def digest(self) -> str:
        leaf, after = self._leaf, self._connection.after

        def bind(bound: Bound) -> str:
            digest = asked(leaf.get(bound.variables)).digest
            if after is not None and bound.cursors[after].values[:1] != (digest,):
                raise bad_cursor("The cursor belongs to another search.")
            return digest

        return self._context.param(bind, "text", "digest", leaf, after)

    def number(self, number: int) -> str:
        """A parameter too, so that the text of a statement holds no number of ours."""
        return self._context.param(lambda _: number, "int4", "number", number)

    def _tier(self, place: int) -> str:
        return self.number(place * _TIER)

    def _is_slip(self) -> str:
        return f"{self._text} like any({self._param('slips', 'text[]')})"

    def _like(self, name: str) -> str:
        return f"{self._text} like {self._param(name)}"

    def _param(self, name: str, type_: str = "text") -> str:
        leaf = self._leaf
        return self._context.param(lambda bound: getattr(asked(leaf.get(bound.variables)), name), type_, name, leaf)

    def _indexed(self, place: int) -> str:
        leaf = self._leaf
        return self._context.param(
            lambda bound: asked(leaf.get(bound.variables)).indexed[place], "text", "indexed", place, leaf
        )
