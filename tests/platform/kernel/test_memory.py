"""What stays is not walked by the garbage collector: only in a process of its own may it be frozen."""

import ctypes
import gc
import subprocess
import sys

import pytest

from publicgsb.platform.kernel.memory import Memory

BEGIN = """
import gc
from weakref import ref
from publicgsb.platform.kernel import memory as module
from publicgsb.platform.kernel.memory import FROZEN_GROWTH_MAX, Memory

class Circle:
    def __init__(self):
        self.me = self

memory = Memory(freezes=True)
memory.settle()
settled = gc.get_freeze_count()
"""


def _printed(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=180)
    assert not done.returncode, done.stderr
    return done.stdout.split()


def test_what_was_built_to_stay_is_frozen_and_collections_go_on() -> None:
    program = """
with memory.building():
    assert not gc.isenabled()
    made = [[number] for number in range(100_000)]
assert gc.isenabled()
print(settled > 0, gc.get_freeze_count() >= settled + 100_000)
"""
    assert _printed(program) == ["True", "True"]


def test_garbage_is_freed_before_it_could_be_frozen() -> None:
    """Each changed contract kept the garbage of the one before, for ever."""
    program = """
gc.disable()
left = ref(Circle())
assert left() is not None
with memory.building():
    pass
print(left())
"""
    assert _printed(program) == ["None"]


def test_garbage_that_was_frozen_all_the_same_is_freed_when_it_has_grown() -> None:
    program = """
def build():
    with memory.building():
        return ref(Circle()), [Circle() for _ in range(round(settled * FROZEN_GROWTH_MAX))]

left, garbage = build()
del garbage
gc.collect()
assert left() is not None
build()
print(left())
"""
    assert _printed(program) == ["None"]


def test_what_a_long_collection_found_alive_is_not_walked_again() -> None:
    program = """
module.WALK_SECONDS_MAX = 0.0
kept = [[number] for number in range(settled // 4)]
gc.collect()
print(gc.get_freeze_count() >= settled + len(kept), len(gc.get_objects()) < 100)
"""
    assert _printed(program) == ["True", "True"]


def test_a_short_collection_freezes_nothing() -> None:
    program = """
module.WALK_SECONDS_MAX = 3600.0
kept = [[number] for number in range(settled // 4)]
gc.collect()
print(gc.get_freeze_count() <= settled)
"""
    assert _printed(program) == ["True"]


def test_what_became_garbage_after_it_was_frozen_is_freed_when_the_frozen_have_grown() -> None:
    """A request under way when all is frozen may leave a circle behind."""
    program = """
module.WALK_SECONDS_MAX = 0.0
circle = Circle()
left, kept = ref(circle), []
gc.collect()
del circle
gc.collect()
assert left() is not None
for _ in range(4):
    kept += [[number] for number in range(round(settled * FROZEN_GROWTH_MAX / 2))]
    gc.collect()
print(left())
"""
    assert _printed(program) == ["None"]


def test_no_collection_comes_in_the_middle_of_what_leaves_circles_behind() -> None:
    """Frozen in the middle, they would be garbage that nothing frees until all is looked at again."""
    program = """
from publicgsb.platform.kernel.memory import uncollected
module.WALK_SECONDS_MAX = 0.0
gc.set_threshold(10, 1, 1)
for _ in range(50):
    with uncollected:
        with uncollected:
            circles = [Circle() for _ in range(2_000)]
        del circles
assert gc.isenabled()
gc.collect()
print(gc.get_freeze_count() < settled + 2_000)
gc.disable()
with uncollected:
    pass
print(gc.isenabled())
"""
    assert _printed(program) == ["True", "False"]


def test_a_process_that_is_shared_is_left_alone() -> None:
    memory = Memory(freezes=False)
    memory.settle()
    with memory.building():
        assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert not any("Memory" in repr(one) for one in gc.callbacks)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only GNU's C library can")
def test_what_was_freed_between_two_that_stay_goes_back_to_the_system() -> None:
    """The C library keeps it else; the worker would grow for as long as answers of all sizes come and go."""
    program = """
import sys
from pathlib import Path

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

answers = [bytes(2_000) for _ in range(50_000)]
last = answers.pop()
del answers
full = resident_mb()
memory._gave_back_at = -1e9
gc.collect()
print(full > 100, resident_mb() < full - 80)
"""
    assert _printed(program) == ["True", "True"]
