"""What a run of load gave."""

from dataclasses import dataclass

BUSIEST = 0.9


@dataclass(frozen=True)
class Outcome:
    """*seconds* is how long the measured part lasted; *latency_ms* has mean, p50, p90, p99, p999 and max."""

    answers: int
    seconds: float
    latency_ms: dict[str, float]
    statuses: dict[str, int]
    unanswered: int
    """Requests that had not been answered some seconds after the end; how long they had waited is in *latency_ms*."""
    lost: int
    """Connections that the server closed."""
    late_ms: float
    """Open loop: the 99th percentile of how late the generator itself was when a connection was free."""
    own_cpu: float
    """How much of a core the generator used."""
    own_wait: float
    """How much of the time the generator waited for its core because another process had it."""
    server_cpu: float
    """How many cores the servers used."""
    wrong: tuple[str, ...]
    """Why this run must not be believed; empty when it may."""

    @property
    def per_s(self) -> float:
        return self.answers / self.seconds

    def figures(self) -> dict[str, float]:
        """The numbers of this run by short names; *cpu_us* is the servers' time on a processor for one answer."""
        return {
            "per_s": self.per_s,
            "p50_ms": self.latency_ms["p50"],
            "p99_ms": self.latency_ms["p99"],
            "max_ms": self.latency_ms["max"],
            "server_cpu": self.server_cpu,
            "cpu_us": self.server_cpu / self.per_s * 1e6,
            "own_cpu": self.own_cpu,
            "own_wait": self.own_wait,
        }
