"""How the service is: alive, ready, and in numbers.

Offers `router`, the endpoints for probes and Prometheus, and `Readiness` and `Dependency`, what they look at.
"""

from reelhook.monitoring.endpoints import Dependency, Readiness, router

__all__ = ["Dependency", "Readiness", "router"]
