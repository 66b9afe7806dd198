"""The audit of emitted SQL sees what must never be emitted."""

import subprocess
import sys

import pytest
from tests.schema.conftest import Ask
from tests.sql_audit import RECORDER, problems

from publicgsb.schema.sql import pages

GOOD = (
    'select q0.j::text as o0 from (select row_to_json(r) as j from (select t1."city" as "a", '
    '\'AirAirport\'::text as "b" from released."air__airports__r1" t1 where t1."icao" = $1::text) r) q0'
)
NAMES = frozenset({"AirAirport"})


def test_a_statement_as_the_builder_makes_it_is_clean() -> None:
    assert problems(GOOD, NAMES) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("$1::text", "'OIIE'", "text 'OIIE'"),
        ("$1::text", "'OIIE'::text", "text 'OIIE'"),
        ("$1::text", "4711::text", "number 4711"),
        ("$1::text", "4.5::text", "literal"),
        ("$1::text", "current_user::text", "SQLValueFunction"),
        ("$1::text", "$1::regclass", "type regclass"),
        ("$1::text", "pg_read_file($1)", "function pg_read_file"),
        ("$1::text", "(select pg_sleep(1))::text", "function pg_sleep"),
        ("$1::text", "$1::text or t1.city ~ $1", "operator ~"),
        ("AirAirport", "Tehran", "text 'Tehran'"),
        ("released.", "gsb.", "table gsb."),
        ("released.", "", "table None."),
        ("released.", "pg_catalog.", "table pg_catalog."),
        (") q0", ") q0; select 1", "not exactly one SELECT"),
        (") q0", ") q0;", "ASCII_59"),
        (") q0", ") q0 -- 1", "SQL_COMMENT"),
        (") q0", ") /* 1 */ q0", "C_COMMENT"),
        (") q0", ") q0 for update", "lockingClause"),
        ("as o0", "as o0 into temp x", "intoClause"),
        ("select q0", "with w as (delete from released.a returning 1) select q0", "withClause"),
        (") q0", ") q0 union select 1", "set operation"),
        ("select q0.j::text as o0 from", "delete from released.x using", "not"),
        ("where", "wheer", "not"),
    ],
)
def test_what_must_never_be_emitted_is_seen(before: str, after: str, found: str) -> None:
    assert any(found in problem for problem in problems(GOOD.replace(before, after, 1), NAMES))


async def test_a_value_that_gets_into_the_text_fails_the_test_that_caused_it(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask("{ air { airports { nodes { icao } } } }")
    assert RECORDER.verdict() == []
    monkeypatch.setattr(pages, "typename", lambda alias, name: "'leak'::text as x")
    await ask("{ air { airports { nodes { icao __typename } } } }")
    assert any("text 'leak'" in problem for problem in RECORDER.verdict())


def test_what_a_process_that_a_test_starts_gets_into_its_text_fails_that_test() -> None:
    made = "from publicgsb.schema.sql.builder import Statement; Statement('select 4711 as leaked', (), (), ())"
    subprocess.run([sys.executable, "-c", made], check=True, timeout=180)
    assert any("number 4711" in problem for problem in RECORDER.verdict())
