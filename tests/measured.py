"""What was measured so far: by this process, and by others as they tell it."""

from typing import Any

import httpx2 as httpx
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

Samples = dict[str, dict[tuple[str, ...], float]]


def measured(name: str, **labels: str) -> float:
    """This process's sample of this name with these labels; 0 while there is none."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def scraped(base: str, **options: Any) -> Samples:
    """What the service at *base* tells whoever needs no key."""
    with httpx.Client(**options) as client:
        answer = client.get(f"{base}/metrics", timeout=10)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


def samples(scrape: str) -> Samples:
    """By name, and by the values of the labels in the order of their names."""
    found: Samples = {}
    for family in text_string_to_metric_families(scrape):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found
