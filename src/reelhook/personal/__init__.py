"""Everything that is known about one person: given to them as one document, and erased.

Offers the `router` and the `ReleaseHandler`.
"""

from reelhook.personal.endpoints import router
from reelhook.personal.handler import ReleaseHandler

__all__ = ["ReleaseHandler", "router"]
