"""What stays is not walked by the garbage collector: only in a process of its own may it be frozen."""

import gc
import subprocess
import sys

from publicgsb.platform.kernel.memory import Memory

PROGRAM = """
import gc
from publicgsb.platform.kernel.memory import Memory
memory = Memory(freezes=True)
memory.settle()
settled = gc.get_freeze_count()
with memory.building():
    assert not gc.isenabled()
    made = [[number] for number in range(100_000)]
assert gc.isenabled()
print(settled > 0, gc.get_freeze_count() >= settled + 100_000)
"""


def test_what_was_built_to_stay_is_frozen_and_collections_go_on() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_a_process_that_is_shared_is_left_alone() -> None:
    memory = Memory(freezes=False)
    memory.settle()
    with memory.building():
        assert gc.isenabled()
    assert gc.get_freeze_count() == 0
