"""How the service is: alive, ready, and in numbers.

Offers `router`, the endpoints for probes and Prometheus, and `Readiness`, what they look at.
"""

from reelhook.monitoring.endpoints import Readiness, router

__all__ = ["Readiness", "router"]
