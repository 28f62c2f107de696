"""What this process has measured so far."""

from prometheus_client import REGISTRY


def measured(name: str, **labels: str) -> float:
    """The sample of this name with these labels; 0 while there is none."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
