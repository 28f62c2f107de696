"""A copy of the embedded database that can be carried away, and the way back.

Offers `Backups` (made while the service runs) and `router`; commands use `making.py`, `restoring.py`, `placing.py`.
"""

from reelhook.backup.backups import Backups
from reelhook.backup.endpoints import router

__all__ = ["Backups", "router"]
