"""A download is whole to the byte or an error, whatever the line and the service do on the way."""

import random
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.sdk.downloads.faulty import FAULTS, Faulty, faulty
from tests.sdk.rows import KEY

from publicgsb_sdk import Client, DeadlineExceeded, InvalidRequest, QuotaExhausted, ReleaseRecalled, Unavailable
from publicgsb_sdk.downloads.job import download
from publicgsb_sdk.downloads.listing import Listing
from publicgsb_sdk.errors import Conflict, ConnectionFailed, GsbError, IntegrityError, ServerError

ONE = [random.Random(1).randbytes(300_000)]
THREE = [random.Random(seed).randbytes(200_000 + seed) for seed in (1, 2, 3)]
NAMES = [f"part-{number:05}.parquet" for number in (1, 2, 3)]


def fetch(world: Faulty, path: "Path | str", *, retries: int = 5, timeout: float = 5.0, **more: Any) -> Any:
    with Client(KEY, world.url, timeout=timeout, max_retries=retries) as client:
        at_once(client)
        return client.dataset("aviation.airports").download(path, **more)


def at_once(client: Any) -> None:
    """Tests do not wait between tries."""
    transport: Any = client._session._transport
    transport._rule = type(transport._rule)(transport._rule.retries_max, lambda _: 0.0)


def test_one_file_comes_whole_and_is_told_of(tmp_path: Path) -> None:
    with faulty(ONE) as world:
        found = fetch(world, tmp_path / "airports.parquet")
    assert (tmp_path / "airports.parquet").read_bytes() == ONE[0]
    assert (found.paths, found.bytes, found.release) == ((tmp_path / "airports.parquet",), 300_000, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["airports.parquet"]


def test_several_files_go_into_a_folder_under_their_names(tmp_path: Path) -> None:
    with faulty(THREE) as world:
        found = fetch(world, f"{tmp_path}/new/")
        assert sorted(path.name for path in found.paths) == NAMES
        assert [path.read_bytes() for path in found.paths] == THREE
        with pytest.raises(InvalidRequest, match="folder"):
            fetch(world, tmp_path / "one.parquet")


def test_what_is_there_already_is_not_fetched_again(tmp_path: Path) -> None:
    with faulty(THREE) as world:
        fetch(world, tmp_path)
        (tmp_path / NAMES[1]).write_bytes(b"x" * len(THREE[1]))
        before = len(world.asked)
        fetch(world, tmp_path)
        assert world.asked[before:] == [(NAMES[1], None)]
        assert (tmp_path / NAMES[1]).read_bytes() == THREE[1]


def test_a_cut_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with faulty(ONE, p1=["cut", "cut"]) as world:
        fetch(world, tmp_path / "a")
        assert [asked for _, asked in world.asked] == [None, "bytes=150000-", "bytes=225000-"]
    assert (tmp_path / "a").read_bytes() == ONE[0]


def test_an_earlier_run_is_taken_up_by_a_later_one(tmp_path: Path) -> None:
    with faulty(ONE, p1=["cut", "busy"]) as world:
        with pytest.raises(Unavailable):
            fetch(world, tmp_path / "a", retries=0)
        (left,) = tmp_path.iterdir()
        assert left.name.endswith(".incomplete") and left.stat().st_size == 150_000
        fetch(world, tmp_path / "a", retries=0)
        assert world.asked[-1][1] == "bytes=150000-"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_rotted_meanwhile_is_noticed_and_fetched_anew(tmp_path: Path) -> None:
    with faulty(ONE, p1=["cut", "busy"]) as world:
        with pytest.raises(Unavailable):
            fetch(world, tmp_path / "a", retries=0)
        (left,) = tmp_path.iterdir()
        left.write_bytes(b"x" + left.read_bytes()[1:])
        fetch(world, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == ONE[0]


def test_another_release_never_goes_on_in_what_an_earlier_one_left(tmp_path: Path) -> None:
    with faulty(ONE, p1=["cut", "busy"]) as world, pytest.raises(Unavailable):
        fetch(world, tmp_path / "a", retries=0)
    with faulty([THREE[0]]) as world:
        fetch(world, tmp_path / "a")
        assert world.asked == [(NAMES[0], None)]
    assert (tmp_path / "a").read_bytes() == THREE[0]


@pytest.mark.parametrize("fault", ["whole", "elsewhere", "unsatisfied", "long", "flip"])
def test_an_answer_to_another_question_than_asked_costs_a_start_and_never_a_wrong_byte(
    tmp_path: Path, fault: str
) -> None:
    with faulty(ONE, p1=["cut", fault]) as world:
        fetch(world, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == ONE[0]


def test_a_file_that_is_wrong_twice_is_an_error_that_says_how_and_leaves_nothing_in_its_place(tmp_path: Path) -> None:
    with faulty(ONE, p1=["flip", "flip"]) as world, pytest.raises(IntegrityError, match="twice") as told:
        fetch(world, tmp_path / "a")
    assert told.value.expected != told.value.got and told.value.part == NAMES[0]
    assert not (tmp_path / "a").exists()


def test_an_address_that_has_expired_is_asked_for_again(tmp_path: Path) -> None:
    with faulty(THREE, p1=["cut", "expired"], p2=["expired"]) as world:
        fetch(world, tmp_path)
        assert world.manifests in (2, 3)
    assert [(tmp_path / name).read_bytes() for name in NAMES] == THREE


def test_a_key_that_may_not_is_refused_after_one_new_list(tmp_path: Path) -> None:
    with faulty(ONE, p1=["expired"] * 9) as world:
        with pytest.raises(GsbError, match="expired"):
            fetch(world, tmp_path / "a")
        assert world.manifests == 2


def test_a_list_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    with faulty(list(ONE), p1=["cut", "expired"]) as world:
        original = world.manifest

        def changed() -> dict[str, Any]:
            if world.manifests:
                world.parts[0] = THREE[0]
            return original()

        world.manifest = changed  # type: ignore[method-assign]
        with pytest.raises(ServerError, match="any more"):
            fetch(world, tmp_path / "a")


def test_the_key_goes_along_only_where_the_address_is_not_signed(tmp_path: Path) -> None:
    with faulty(ONE) as world:
        fetch(world, tmp_path / "a")
        world.is_signed = False
        fetch(world, tmp_path / "b")
        assert [key for _, key in world.keys] == [None, f"Bearer {KEY}"]


@pytest.mark.parametrize(("fault", "kind"), [("recalled", ReleaseRecalled), ("exhausted", QuotaExhausted)])
def test_what_will_not_change_is_asked_once(tmp_path: Path, fault: str, kind: type[GsbError]) -> None:
    with faulty(ONE, p1=[fault] * 5) as world:
        with pytest.raises(kind):
            fetch(world, tmp_path / "a")
        assert len(world.asked) == 1


def test_one_part_that_fails_ends_the_others_and_all_goes_on_later(tmp_path: Path) -> None:
    with faulty(THREE, p2=["recalled"]) as world:
        with pytest.raises(ReleaseRecalled):
            fetch(world, tmp_path, parallel=1)
        fetch(world, tmp_path)
    assert [(tmp_path / name).read_bytes() for name in NAMES] == THREE


def test_a_stalled_line_ends_by_the_deadline(tmp_path: Path) -> None:
    with faulty(ONE, p1=["stall"] * 9) as world, pytest.raises(DeadlineExceeded):
        fetch(world, tmp_path / "a", timeout=60.0, deadline=0.3)


def test_a_line_that_stalls_now_and_then_is_tried_again(tmp_path: Path) -> None:
    with faulty(ONE, p1=["stall"]) as world:
        fetch(world, tmp_path / "a", timeout=1.0)
    assert (tmp_path / "a").read_bytes() == ONE[0]


def test_two_at_once_do_not_write_into_the_same_file(tmp_path: Path) -> None:
    with faulty(ONE, p1=["stall"]) as world:
        first = threading.Thread(target=lambda: fetch(world, tmp_path / "a", timeout=20.0))
        first.start()
        while not world.asked:
            threading.Event().wait(0.01)
        with pytest.raises(Conflict, match="Somebody else"):
            fetch(world, tmp_path / "a", timeout=1.0)
        world.stopping.set()
        first.join()
    assert (tmp_path / "a").read_bytes() == ONE[0]


def test_two_that_wait_for_each_other_both_have_it_and_one_fetches(tmp_path: Path) -> None:
    with faulty(ONE, p1=["stall"]) as world, ThreadPoolExecutor(2) as pool:
        first = pool.submit(fetch, world, tmp_path / "a", timeout=20.0)
        while not world.asked:
            threading.Event().wait(0.01)
        second = pool.submit(fetch, world, tmp_path / "a", timeout=20.0)
        while world.manifests < 2:
            threading.Event().wait(0.01)
        world.stopping.set()
        assert first.result().sha256 == second.result().sha256
        assert world.asked.count((NAMES[0], None)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_closed_client_is_an_error_of_this_library(tmp_path: Path) -> None:
    with faulty(ONE) as world, Client(KEY, world.url) as client:
        session: Any = client._session
        listed = session.manifest(session.contract("aviation/airports"), 3)
        client.close()
        line, listing = session.line(None), Listing(listed, lambda: listed)
        with pytest.raises(ConnectionFailed):
            download(line, listing, [(listed.parts[0], tmp_path / "a")])


def test_progress_ends_with_all_of_it_and_never_says_more(tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    with faulty(THREE, p1=["cut"], p2=["flip"]) as world:
        fetch(world, tmp_path, progress=lambda done, total: said.append((done, total)))
    total = sum(map(len, THREE))
    assert said[-1] == (total, total) and all(0 <= done <= total for done, _ in said)


def test_a_line_on_stderr_shows_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty(THREE) as world:
        fetch(world, f"{tmp_path}/1/", progress=True)
        assert capsys.readouterr().err == "downloading\n"  # in a log, once
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        fetch(world, f"{tmp_path}/2/", progress=True)
    written = capsys.readouterr().err
    shares = [int(share) for share in re.findall(r"downloading +(\d+)%", written)]
    assert shares == sorted(set(shares)), "no figure is drawn twice"
    assert written.endswith("downloading 100% of 600.0 kB\n")


def test_formats_and_questions_that_no_file_answers_are_refused(tmp_path: Path) -> None:
    with faulty(ONE) as world, Client(KEY, world.url) as client:
        query = client.dataset("aviation.airports")
        with pytest.raises(InvalidRequest, match="parquet, csv"):
            query.download(tmp_path / "a", "json")
        with pytest.raises(GsbError, match="xlsx"):
            query.download(tmp_path / "a", "xlsx")
        with pytest.raises(InvalidRequest, match="whole releases"):
            query.select("icao").download(tmp_path / "a")
        assert world.asked == []


def test_files_that_are_not_made_yet_are_said_to_come(tmp_path: Path) -> None:
    with faulty(ONE) as world:
        pending = world.manifest() | {"state": "pending", "parts": [], "csv": None}
        world.manifest = lambda: pending  # type: ignore[method-assign]
        with pytest.raises(Unavailable, match="in a moment"):
            fetch(world, tmp_path / "a")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    code = """
import sys, tracemalloc
from publicgsb_sdk import Client
url, key, path = sys.argv[1:]
with Client(key, url) as client:
    tracemalloc.start()
    client.dataset("aviation.airports").download(path)
    print(tracemalloc.get_traced_memory()[1])
"""
    with faulty([random.Random(5).randbytes(48 << 20)]) as world:
        command = [sys.executable, "-c", code, world.url, KEY, str(tmp_path / "a")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (tmp_path / "a").stat().st_size == 48 << 20
    assert int(done.stdout) < 8 << 20


def random_run(seed: int, folder: Path) -> str:
    """One download over a line with faults by chance; what became of it."""
    chance = random.Random(seed)
    parts = [chance.randbytes(chance.randrange(1, 200_000)) for _ in range(chance.randrange(1, 5))]
    faults = {f"p{at}": chance.choices(FAULTS, k=chance.randrange(0, 6)) for at in range(1, len(parts) + 1)}
    with faulty(parts, **faults) as world:
        try:
            found = fetch(world, f"{folder}/", parallel=chance.randrange(1, 4))
        except GsbError as error:
            assert not isinstance(error, DeadlineExceeded)
            there = {path.name: path.read_bytes() for path in folder.glob("part-*")}
            assert all(content == parts[int(name[5:10]) - 1] for name, content in there.items())
            return type(error).__name__
    assert [path.read_bytes() for path in found.paths] == parts
    return "whole"


@pytest.mark.parametrize("seed", range(12))
def test_any_line_gives_all_bytes_or_a_named_error(tmp_path: Path, seed: int) -> None:
    assert random_run(seed, tmp_path) in {"whole", "IntegrityError", "Unauthenticated"}


@pytest.mark.prove
def test_two_hundred_bad_lines_give_all_bytes_or_a_named_error(tmp_path: Path) -> None:
    ends = [random_run(seed, tmp_path / str(seed)) for seed in range(1000, 1200)]
    assert set(ends) <= {"whole", "IntegrityError", "Unauthenticated"}
    assert ends.count("whole") > 100
