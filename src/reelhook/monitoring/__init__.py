"""How the service is: alive, ready, in numbers, and what is wrong with it.

Offers `router`, the endpoints for probes and Prometheus, `Readiness` and `Dependency`, what they look at, and `Alerts`:
rules, incidents, and what people do about them.
"""

from reelhook.monitoring.alerts import Alerts
from reelhook.monitoring.endpoints import Dependency, Readiness, router

__all__ = ["Alerts", "Dependency", "Readiness", "router"]
