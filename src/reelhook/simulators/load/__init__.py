"""HeyGen on its busiest day: deliveries that are signed beforehand, sent as fast as a server takes them or at a rate.

It runs in a process of its own (`generate`), tells how busy it was itself, and calls a run invalid that it limited.
"""

from reelhook.simulators.load.generator import generate
from reelhook.simulators.load.histogram import Histogram
from reelhook.simulators.load.outcome import Outcome
from reelhook.simulators.load.plan import Plan

__all__ = ["Histogram", "Outcome", "Plan", "generate"]
