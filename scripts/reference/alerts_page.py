"""docs/reference/alerts.md: every rule of the service itself, and every alert of the rules for Prometheus."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from scripts.reference.table import table

from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Rule

RULE_FILES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "rules"
HEAD = """# Alerts

Two watch: the service itself, by its rules, which need nothing beside it; and Prometheus, where there is one, by
rules that also see a service that is gone. Each has a runbook: what it means, how to look, what helps.
"""
OWN = """## Rules of the service

They look every half minute, open an [incident](../incidents.md) and resolve it by themselves. Each can be switched
off, given another first value and drilled: on the page Health → Rules, by `reelhook alerts` or by `PATCH
/api/v1/rules/{name}`. *In a row*: how many looks in a row must say the same.
"""
OUTSIDE = """## Alerts of Prometheus

From `deploy/prometheus/rules` ([how to set it up](../prometheus.md)).
"""
UNITS = {"count": "", "percent": " %", "minutes": " min", "seconds": " s", "state": ""}


def page() -> str:
    """The whole page."""
    own = table(("rule", "what it means", "speaks from", "over below", "in a row"), map(_rule, RULES.values()))
    outside = table(("alert", "severity", "what it says", "for"), alerts())
    return "\n".join([HEAD, OWN, own, OUTSIDE, outside])


def _rule(rule: Rule) -> Sequence[str]:
    unit = UNITS[rule.unit]
    levels = ", ".join(f"{level.at:g}{unit} ({level.severity})" for level in rule.levels)
    name = f"[`{rule.name}`](../runbooks/{rule.name}.md)<br>{rule.title}"
    return name, rule.means, levels, f"{rule.closes:g}{unit}", str(rule.evaluations)


def alerts() -> Iterator[Sequence[str]]:
    """Every alert of the files for Prometheus: name, severity, words, how long it must last."""
    for file in sorted(RULE_FILES.glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from (_alert(rule) for rule in group["rules"] if "alert" in rule)


def _alert(rule: dict[str, Any]) -> Sequence[str]:
    told = rule["annotations"]
    link = f"../{told['runbook'].removeprefix('docs/')}"
    if "{{" in link:  # its name is made when the alert goes off
        link = "../objectives.md" if "objective" in link else "../incidents.md"
    name = f"[`{rule['alert']}`]({link})"
    return name, rule["labels"]["severity"], told["summary"], rule.get("for", "at once")
