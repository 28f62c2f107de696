"""HeyGen on its busiest day: deliveries that are signed beforehand, sent as fast as a server takes them or at a rate.

The generator runs in a process of its own, tells how busy it was itself, and calls a run invalid that it limited.
Beside it is what else a measurement needs: a server on cores of its own, and what the disk can do.
"""

from reelhook.simulators.load.disk import fsync_us
from reelhook.simulators.load.generator import generate
from reelhook.simulators.load.histogram import Histogram
from reelhook.simulators.load.outcome import Outcome
from reelhook.simulators.load.plan import Plan
from reelhook.simulators.load.process import CLIENT_CORES, SERVER_CORES, Process, free_port

__all__ = [
    "CLIENT_CORES",
    "SERVER_CORES",
    "Histogram",
    "Outcome",
    "Plan",
    "Process",
    "free_port",
    "fsync_us",
    "generate",
]
