"""Making much that stays."""

import subprocess
import sys

# In a process of its own: what this one would put aside would stay so for all tests that follow.
WATCHED = """
import gc
from reelhook.kit.kept import kept
searched = []
gc.callbacks.append(lambda phase, info: searched.append(phase))
with kept():
    made = [[] for _ in range(5000)]
    during = len(searched)
print(during, gc.isenabled(), gc.get_freeze_count() > 5000)
"""


def test_nothing_is_searched_while_it_is_made_nor_afterwards() -> None:
    done = subprocess.run([sys.executable, "-c", WATCHED], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["0", "True", "True"]
