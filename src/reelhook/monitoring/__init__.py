"""How the service is: alive, ready, in numbers, and what is wrong with it.

Offers `router`, the endpoints for probes, with what they look at (`Pulse`, `Readiness`, made of a `Dependency` and its
`Check` each); `Gauges`, what Prometheus is told of the database; `Heartbeat`, by which a process tells the others its
`Report`; `Alerts`: rules, incidents, and what people do about them; and `Errors`: what went wrong, by what and where.
"""

from reelhook.monitoring.alerts import Alerts
from reelhook.monitoring.endpoints import router
from reelhook.monitoring.errors import Errors
from reelhook.monitoring.gauges import Gauges
from reelhook.monitoring.heartbeat import Heartbeat, Report
from reelhook.monitoring.pulse import Pulse
from reelhook.monitoring.readiness import Check, Dependency, Readiness

__all__ = ["Alerts", "Check", "Dependency", "Errors", "Gauges", "Heartbeat", "Pulse", "Readiness", "Report", "router"]
