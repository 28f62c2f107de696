"""The heart: what a video is, the states it passes, and the one place that changes them.

Offers `Lifecycle` (transitions, timeline, assets), `Signals` (what HeyGen said, applied), views, queries and ETA.
"""

from reelhook.videos.lifecycle import Lifecycle
from reelhook.videos.signals import Signals
from reelhook.videos.states import FINAL, State

__all__ = ["FINAL", "Lifecycle", "Signals", "State"]
