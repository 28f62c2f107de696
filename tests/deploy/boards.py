"""The dashboards in deploy/grafana, read."""

import json
from dataclasses import dataclass
from typing import Any

from tests.deploy.artefacts import DEPLOY

FILES = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
BOARDS: dict[str, dict[str, Any]] = {file.stem: json.loads(file.read_text()) for file in FILES}
# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "1m"}


@dataclass(frozen=True, slots=True)
class Query:
    """What a panel asks Prometheus, and how it names each line of the answer."""

    panel: str
    expression: str
    legend: str


def panels(board: str) -> list[dict[str, Any]]:
    """Those that show something: a row is only a heading."""
    return [panel for panel in BOARDS[board]["panels"] if panel["type"] != "row"]


def queries() -> list[Query]:
    found = []
    for board in BOARDS:
        for panel in panels(board):
            for target in panel["targets"]:
                expression = target["expr"]
                for name, value in VARIABLES.items():
                    expression = expression.replace(name, value)
                found.append(Query(f"{board}: {panel['title']}", expression, target.get("legendFormat", "")))
    return found
