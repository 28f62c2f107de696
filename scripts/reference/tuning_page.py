"""The table of docs/tuning.md: what each thing costs, from the files in docs/measured."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.reference.table import table

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "tuning.md"
BETWEEN = re.compile(r"(<!-- measured -->\n).*(<!-- /measured -->)", re.DOTALL)


def page() -> str:
    """The page with its table anew."""
    rows = table(("what", "costs", "from"), _rows())
    return BETWEEN.sub(lambda at: f"{at[1]}\n{rows}\n{at[2]}", PAGE.read_text())


def _rows() -> list[Sequence[str]]:
    lines, spans, scraped = _read("logs")["ways"], _read("tracing"), _read("scrape")["reaches"][0]["found"]
    streams, answers = _read("sse-compression")["live"], _read("http-compression")["answers"]
    board = answers["board of 50 videos"]
    plain, packed = streams["none"]["best"], streams["gzip blocks, made once for all"]["best"]
    return [
        ("a log line", f"{_us(lines['whole'])} µs; below the level {_us(lines['below the level'])} µs", _of("logs")),
        (
            "a trace of one delivery",
            f"{spans['on']['delivery_us'] - spans['off']['delivery_us']:.0f} µs more than the "
            f"{spans['off']['delivery_us']:.0f} µs without; {spans['unwanted']['delivery_us']:.0f} µs when the sampler "
            "wants none",
            _of("tracing"),
        ),
        (
            "`/metrics` and `/readyz` read each second",
            f"p99 of the front door, times {scraped['median']:.2f} under load",
            _of("scrape"),
        ),
        (
            "an update to one stream",
            f"{plain['cpu_us']:.2f} µs and {plain['bytes']:.0f} bytes; with `gzip` {packed['cpu_us']:.2f} µs and "
            f"{packed['bytes']:.0f} bytes",
            _of("sse-compression"),
        ),
        (
            "a page of 50 videos",
            f"{board['us']['identity'] / 1000:.1f} ms; {board['bytes']['identity']:,} bytes, with `br` "
            f"{board['bytes']['br']:,}, and none when nothing has changed",
            _of("http-compression"),
        ),
        (
            "the numbers of a year, a million events",
            f"{_read('analytics')['answers']['summary of a year']['sqlite']['ms']['p50']:.0f} ms (SQLite)",
            _of("analytics"),
        ),
    ]


def _read(name: str) -> Any:
    return json.loads((DOCS / "measured" / f"{name}.json").read_text())


def _us(way: dict[str, Any]) -> str:
    """A way's time in µs, of a report of `bench`."""
    return f"{way['us']['median']:.0f}"


def _of(name: str) -> str:
    return f"[{name}](measured/{name}.json)"
