"""Several processes that count together."""

import os
import subprocess
import sys
from pathlib import Path

from reelhook.metrics import FOLDER

COUNTS = """
from reelhook import metrics
metrics.PRUNED.labels("events").inc(3)
metrics.STREAMS.set(2)
metrics.DESTINATION_DOWN.labels("heygen").set(1)
metrics.FANOUT_SECONDS.observe(0.02)
metrics.forget(metrics.DESTINATION_DOWN, "shop")
"""
TELLS = """
from reelhook import metrics
from reelhook.retention.endpoints import _removed
print(_removed())
read = metrics.registry().get_sample_value
print(read("reelhook_streams"), read("reelhook_destination_down", {"destination": "heygen"}))
print(read("reelhook_fanout_seconds_count"), read("reelhook_destination_down", {"destination": "shop"}))
"""


def run(code: str, folder: Path) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    environment = {**os.environ, FOLDER: str(folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


def test_each_of_several_processes_tells_of_all(tmp_path: Path) -> None:
    run(COUNTS, tmp_path)
    run(COUNTS, tmp_path)
    assert run(TELLS, tmp_path).splitlines() == ["{'events': 6}", "4.0 1.0", "2.0 0.0"]
