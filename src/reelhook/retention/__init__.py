"""The database does not grow without end: what was kept long enough is deleted, a few rows at a time.

Offers `PruneHandler`, the job, and `sweeps`, all that it prunes; each room says what of its own may go.
"""

from reelhook.retention.handler import PruneHandler
from reelhook.retention.sweeps import sweeps

__all__ = ["PruneHandler", "sweeps"]
