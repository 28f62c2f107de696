"""Writes the table of docs/load-test.md anew from the runs that are kept: `python -m tests.e2e.load.page`."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.e2e.kill.scene import ROOT
from tests.e2e.load.report import MUST, TIMES

PAGE, MEASURED = ROOT / "docs" / "load-test.md", ROOT / "docs" / "measured"
KEPT = ("load-test.json", "load-test-cluster.json")
BETWEEN = re.compile(r"(<!-- measured -->\n).*?(<!-- /measured -->)", re.DOTALL)

ROWS: Mapping[str, Callable[[Any], str]] = {
    "run": lambda run: f"`{run['command']}`",
    "processors, load when it was over": lambda run: f"{run['machine']['cpus']}, {run['machine']['load'][0]:g}",
    "boards, streams opened, updates shown": lambda run: (
        f"{run['size']['boards']:,}, {run['streams_opened']:,}, {run['updates_shown']:,}"
    ),
    "events acknowledged, videos, files": lambda run: f"{run['acknowledged']:,}, {run['videos']:,}, {run['assets']:,}",
    "everything that must be 0": lambda run: f"{sum(run[name] for name in MUST)}",
    "succeeded at first, outside the deploy": lambda run: _share(run["succeeded_at_first"]["in_peace"]),
    "succeeded at first, all day": lambda run: _share(run["succeeded_at_first"]["all_day"]),
    **{words: lambda run, name=name: _time(run["times_ms"].get(name, {})) for name, words in TIMES.items()},  # type: ignore[misc]
    "the whole batch is ready after": lambda run: f"{run['batch_ready_s']:,.0f} s",
    "all boards back after the deploy": lambda run: f"{run['all_back_s']:g} s",
    "time on a processor": lambda run: f"{run['cpu_s']:,.0f} s",
    "memory at most": lambda run: ", ".join(f"{name} {mib} MiB" for name, mib in run["memory_mib"].items()),
}


def table() -> str:
    """One column for each run that is kept."""
    runs = [json.loads((MEASURED / name).read_text()) for name in KEPT]
    lines = [f"| | {' | '.join(run['target'] for run in runs)} |", "|---" * (len(runs) + 1) + "|"]
    return "\n".join(lines + [f"| {name} | {' | '.join(cell(run) for run in runs)} |" for name, cell in ROWS.items()])


def page(text: str) -> str:
    """The page with its table made anew."""
    made, found = BETWEEN.subn(lambda at: f"{at[1]}{table()}\n{at[2]}", text)
    assert found == 1, f"{PAGE.name} has no place for its table"
    return made


def _share(of: Mapping[str, float]) -> str:
    return f"{of['share']:.3%} of {of['many']:,}"


def _time(took: Mapping[str, float]) -> str:
    return f"p50 {took['p50']:,.0f} ms, p99 {took['p99']:,.0f} ms" if took.get("many") else "–"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
