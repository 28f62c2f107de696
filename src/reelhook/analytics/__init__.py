"""What happened, in numbers: counted by the hour from the rows themselves, kept long after those are gone.

Offers `CountHandler`, the job that counts, and `router`, the endpoints that answer with it.
"""

from reelhook.analytics.counting import CountHandler
from reelhook.analytics.endpoints import router

__all__ = ["CountHandler", "router"]
