"""What happened, in numbers: counted by the hour from the rows themselves, kept long after those are gone.

Offers `CountHandler`, the job that counts, `router`, the endpoints that answer with it, and `objectives_router`, what
it says of our promises.
"""

from reelhook.analytics.counting import CountHandler
from reelhook.analytics.endpoints import router
from reelhook.analytics.objective_endpoints import router as objectives_router

__all__ = ["CountHandler", "objectives_router", "router"]
