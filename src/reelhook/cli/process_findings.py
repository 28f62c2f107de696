"""What `doctor` has to say of the processes that run."""

from collections.abc import Mapping
from typing import Any

from reelhook.cli.server_findings import Concern

NAME = "processes"


def finding(answer: Mapping[str, Any]) -> dict[str, object]:
    """One line, from what `/api/v1/processes` answers; a warning where somebody should look."""
    found = _found(answer["data"])
    return {"name": NAME, "ok": True, "warning": isinstance(found, Concern), "found": found}


def _found(processes: list[dict[str, Any]]) -> str:
    seen = [one for one in processes if one["state"] != "silent"]
    if not seen:
        return "none runs"
    roles = [role for one in seen for role in one["roles"]]
    said = f"{len(seen)} seen: {roles.count('server')} serve, {roles.count('worker')} work"
    silent = [f"{one['host']}:{one['pid']}" for one in processes if one["state"] == "silent"]
    concerns = [f"silent: {', '.join(silent)}"] if silent else []
    if "worker" not in roles:
        concerns.append("nobody runs jobs: start `reelhook worker`")
    if len(versions := sorted({one["version"] for one in seen})) > 1:
        concerns.append(f"versions differ: {', '.join(versions)}")
    return Concern(". ".join((said, *concerns))) if concerns else said
