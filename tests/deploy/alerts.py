"""The rules in deploy/prometheus, read."""

import re
from typing import Any

import yaml

from reelhook.monitoring.rules import RULES
from tests.deploy.artefacts import DEPLOY

FILES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
ENTRIES: list[dict[str, Any]] = [
    rule for file in FILES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in ENTRIES if "alert" in rule}
RECORDS = {rule["record"] for rule in ENTRIES if "record" in rule}
OBJECTIVES = {rule["labels"]["objective"] for rule in ENTRIES if rule.get("record") == "reelhook:objective:budget"}

# What a label in the path of a runbook may stand for.
MANY = {"{{ $labels.objective }}": sorted(OBJECTIVES), "{{ $labels.rule }}": sorted(RULES)}


def runbooks() -> list[tuple[str, str]]:
    """Each alert with each runbook that it may name."""
    found = []
    for name, alert in ALERTS.items():
        path = alert["annotations"]["runbook"]
        label = next((label for label in MANY if label in path), "")
        found += [(name, path.replace(label, value)) for value in MANY.get(label, ("",))]
    return found


def metrics(query: str) -> set[str]:
    """The metrics that a query in PromQL names, our own recorded ones too."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}', "", query)
    return set(re.findall(r"\b(?:reelhook|process)[_:][\w:]+", bare))
