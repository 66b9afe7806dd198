"""That what the peers answer is compared by content: other names and cursors, the same records."""

import orjson
import pytest
from benchmarks.peers.questions import OURS, Dialect, canonical, postgraphile, strawberry

RECORD = {"icao": "OIIE", "elevation": 3305}
PAGE = {"nodes": [RECORD], "pageInfo": {"hasNextPage": True, "endCursor": "theirs"}}
NODES = [{"alpha2": "IR", "airports": {"nodes": [RECORD]}}]
THEIRS = (
    (postgraphile({}, {})["lookup"], "lookup", {"airportByIcao": RECORD}),
    (postgraphile({}, {})["page"], "page", {"allAirports": PAGE}),
    (postgraphile({}, {})["nested"], "nested", {"allCountries": {"nodes": NODES}}),
    (strawberry({})["lookup"], "lookup", {"airport": RECORD}),
    (strawberry({})["page"], "page", {"airports": PAGE}),
    (strawberry({})["nested"], "nested", {"countries": NODES}),
)
DATA = {
    "lookup": {"aviation": {"airport": RECORD}},
    "page": {"aviation": {"airports": PAGE | {"pageInfo": {"hasNextPage": True, "endCursor": "ours"}}}},
    "nested": {"standards": {"countries": {"nodes": NODES}}},
}


@pytest.mark.parametrize(("dialect", "case", "data"), THEIRS)
def test_the_same_records_read_alike_in_every_dialect(dialect: Dialect, case: str, data: object) -> None:
    assert dialect.read(orjson.dumps({"data": data})) == canonical(OURS[case](DATA[case]))


@pytest.mark.parametrize(("dialect", "case", "data"), THEIRS)
def test_an_answer_with_errors_or_another_record_reads_differently(dialect: Dialect, case: str, data: object) -> None:
    wanted = canonical(OURS[case](DATA[case]))
    other = orjson.loads(orjson.dumps(data).replace(b"OIIE", b"OIII"))
    assert dialect.read(orjson.dumps({"data": other})) != wanted
    assert dialect.read(orjson.dumps({"data": data, "errors": [{"message": "no"}]})) != wanted


def test_whole_floats_are_the_numbers_that_they_are_in_json() -> None:
    assert canonical({"a": [2260.0, 0.5, True, None]}) == b'{"a":[2260,0.5,true,null]}'
