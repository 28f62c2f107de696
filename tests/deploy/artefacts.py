"""The files in deploy/, as they are."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NGINX = DEPLOY / "nginx" / "reelhook.conf"
# DRAIN_S, and the longest that comes after it, as docs/rolling-deploys.md says: the last answers, and jobs that end.
DRAIN_S = 20
STOPPED_S = DRAIN_S + 30

FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "secrets" not in path.parts)
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
UNITS = sorted((DEPLOY / "systemd").iterdir())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "reelhook"}


def kubernetes() -> list[dict[str, Any]]:
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return [one for file in files for one in yaml.safe_load_all(file.read_text())]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [one for one in kubernetes() if one["kind"] in kinds]


def variables(path: Path) -> set[str]:
    """The variables of ours that a file names."""
    return set(re.findall(r"REELHOOK_[A-Z][A-Z_]*[A-Z]", path.read_text()))


def commands() -> dict[str, list[str]]:
    """Every `reelhook …` that is run, by where it is written."""
    found = {f"compose {name}": service["command"] for name, service in OURS.items()}
    for one in of_kind("Deployment", "Job"):
        found[f"kubernetes {one['metadata']['name']}"] = container(one)["args"]
    for unit in UNITS:
        (line,) = re.findall(r"^ExecStart=/opt/reelhook/bin/reelhook (.+)$", unit.read_text(), re.MULTILINE)
        found[unit.name] = line.replace("%i", "8081").split()
    (words,) = re.findall(r"^CMD (\[.+\])$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    found["Dockerfile"] = tomllib.loads(f"words = {words}")["words"]
    return found


def container(one: Mapping[str, Any]) -> dict[str, Any]:
    (only,) = one["spec"]["template"]["spec"]["containers"]
    return dict(only)
