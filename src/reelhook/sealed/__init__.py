"""What is sealed at rest: by which keys it is, and sealing it anew with the newest.

Offers `Resealing` and the `router` of `/api/v1/secrets`. What is sealed is listed in `db/tables/sealed.py`.
"""

from reelhook.sealed.endpoints import router
from reelhook.sealed.resealing import Resealing

__all__ = ["Resealing", "router"]
