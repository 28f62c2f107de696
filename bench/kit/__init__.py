"""What every measurement needs: turns, spreads, processes on cores of their own, and a report.

A measurement names *ways*, functions that measure once and return figures by name. `take_turns` calls them A B A B, so
that a slow moment of the machine meets them all, and a `Report` tells medians with least and most, and ratios within
the rounds: the only numbers to be trusted on a machine that is shared.
"""

from bench.kit.arguments import Given, given, options
from bench.kit.report import Reach, Report
from bench.kit.rounds import Rounds, Spread, take_turns
from reelhook.simulators.load import CLIENT_CORES, SERVER_CORES, Process, free_port, fsync_us

__all__ = [
    "CLIENT_CORES",
    "SERVER_CORES",
    "Given",
    "Process",
    "Reach",
    "Report",
    "Rounds",
    "Spread",
    "free_port",
    "fsync_us",
    "given",
    "options",
    "take_turns",
]
