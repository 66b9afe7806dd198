"""Large JSON objects are read member by member, whatever the chunks cut through."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.platform.server.demo import json_stream
from publicgsb.platform.server.demo.json_stream import members

objects = st.dictionaries(
    st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text(), max_size=3), max_size=4)
)


class _Dripping(io.StringIO):
    """Gives one character at a time, the worst that a stream can do."""

    def read(self, size: int | None = -1, /) -> str:
        return super().read(1)


@given(objects, st.sampled_from([None, 2]))
def test_the_members_are_those_that_json_itself_reads(document: dict[str, object], indent: int | None) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    assert list(members(_Dripping(text))) == list(document.items())


def test_a_document_cut_short_is_refused_after_its_whole_members() -> None:
    found = []
    with pytest.raises(ValueError, match="middle of a member"):
        for key, _ in members(io.StringIO('{"a": {"x": 1}, "b": {"x"')):
            found.append(key)
    assert found == ["a"]


def test_a_list_is_refused() -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        list(members(io.StringIO("[1]")))


def test_no_more_than_a_chunk_and_a_member_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "CHUNK_CHARACTERS", 64)
    source = io.StringIO(json.dumps({str(i): {"v": "x" * 20} for i in range(1000)}))
    next(members(source))
    assert source.tell() <= 128
