"""One page of all that was measured: `python -m bench.summary --results docs/measured` writes its README.md.

It reads the JSON files that reports wrote there; those of anything else are left alone. `python -m bench` ends with it.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.kit.arguments import RESULTS
from bench.kit.report import MET, row, shown
from bench.kit.rounds import Spread

ABOUT = """\
# What was measured

Ratios within a round, so that a slow moment of the machine meets both; medians with the least and the most.
[How it is measured](../benchmarks.md) says what each of them is. The linked reports have every figure and the machine.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder with the reports")
    write(parser.parse_known_args()[0].results)


def write(results: Path) -> Path:
    """Write README.md beside the reports in *results*; its path."""
    page = results / "README.md"
    page.write_text("\n".join(_lines(results)))
    return page


def _lines(results: Path) -> Iterator[str]:
    reports = {path.stem: told for path in sorted(results.glob("*.json")) if "reaches" in (told := _read(path))}
    yield ABOUT
    yield row("", "within a round", "reach", "measured", "met")
    yield row(*["---"] * 5)
    for name, told in reports.items():
        for reach in told["reaches"]:
            found = None if reach["found"] is None else Spread(**reach["found"])
            yield row(f"[{name}]({name}.md)", reach["what"], reach["wanted"], shown(found), MET[reach["met"]])
    for name, told in reports.items():
        yield f"\n## {told['title']}\n\n![]({name}.svg)\n\n`{told['command']}`, {told['at'][:10]}"
    yield ""


def _read(path: Path) -> dict[str, Any]:
    told = json.loads(path.read_text())
    return told if isinstance(told, dict) else {}


if __name__ == "__main__":
    main()
