"""How the service is: alive, ready, in numbers, and what is wrong with it.

Offers `router`, the endpoints for probes, `Readiness` and `Dependency`, what they look at, `Gauges`, what Prometheus is
told of the database, and `Alerts`: rules, incidents, and what people do about them.
"""

from reelhook.monitoring.alerts import Alerts
from reelhook.monitoring.endpoints import Dependency, Readiness, router
from reelhook.monitoring.gauges import Gauges

__all__ = ["Alerts", "Dependency", "Gauges", "Readiness", "router"]
