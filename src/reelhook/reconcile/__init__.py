"""Ask HeyGen what we missed, and the stores what they hold: the second door into the same inbox.

Offers `Reconciliation`, the room wired: its jobs, their schedule, and its endpoints.
"""

from reelhook.reconcile.core import Core
from reelhook.reconcile.room import Reconciliation

__all__ = ["Core", "Reconciliation"]
