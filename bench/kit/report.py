"""What is told of a measurement: one JSON, one table and one picture in `bench/results/`."""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.kit.arguments import Given
from bench.kit.machine import facts
from bench.kit.picture import bars
from bench.kit.rounds import Rounds, Spread

MET = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class Reach:
    """What is hoped for: the *figure* of *way* to that of *base*, or alone when there is no base."""

    way: str
    figure: str
    base: str | None = None
    base_figure: str | None = None
    """None: the same."""
    at_least: float = -math.inf
    at_most: float = math.inf

    def of(self, rounds: Rounds) -> Spread | None:
        if self.base is None:
            return rounds.spread(self.way, self.figure)
        return rounds.ratio(self.way, self.base, self.figure, self.base_figure)

    def met(self, found: Spread | None) -> bool | None:
        """By the median; None when there is nothing to be reached. What could not be measured is not reached."""
        if self.at_least == -math.inf and self.at_most == math.inf:
            return None
        return found is not None and self.at_least <= found.median <= self.at_most

    @property
    def words(self) -> str:
        words = f"{self.figure} of {self.way}"
        return words if self.base is None else f"{words} / {self.base_figure or self.figure} of {self.base}"

    @property
    def wanted(self) -> str:
        bounds = [f"≥ {self.at_least:g}"] if self.at_least > -math.inf else []
        return ", ".join(bounds + ([f"≤ {self.at_most:g}"] if self.at_most < math.inf else [])) or "as it is"


@dataclass(frozen=True)
class Report:
    """*name* is that of the module and of the files; *shows* the figure in the picture, in *unit*."""

    name: str
    title: str
    rounds: Rounds
    reaches: Sequence[Reach]
    shows: str
    unit: str

    def write(self, given: Given) -> None:
        """Write the files, and print the table."""
        given.results.mkdir(parents=True, exist_ok=True)
        told = self._told(given)
        text = self.table(told)
        path = given.results / self.name  # which has a dot where the module is in a package
        Path(f"{path}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        Path(f"{path}.md").write_text(text)
        spreads = {way: found for way in self.rounds.found if (found := self.rounds.spread(way, self.shows))}
        Path(f"{path}.svg").write_text(bars(f"{self.title}, {self.unit}", spreads))
        print(text)
        print(f"Written: {path}.json, .md and .svg", file=sys.stderr)

    def table(self, told: dict[str, Any]) -> str:
        """All of it in Markdown."""
        machine = ", ".join(f"{name} {value}" for name, value in told["machine"].items())
        lines = [f"# {self.title}", "", f"`{told['command']}`: median [least..most] of {told['rounds']} rounds.", ""]
        lines += [*self._figures(), "", *self._reaches()]
        lines += [f"- Not believed: {what}" for what in self.rounds.unreliable]
        return "\n".join([*lines, "", f"Machine: {machine}.", ""])

    def _told(self, given: Given) -> dict[str, Any]:
        ways = {way: {name: _told(self.rounds.spread(way, name)) for name in self._names} for way in self.rounds.found}
        return {
            "title": self.title,
            "command": f"python -m bench.{self.name} --rounds {given.rounds} --seconds {given.seconds:g}{given.more}",
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": facts(),
            "rounds": given.rounds,
            "seconds": given.seconds,
            "ways": ways,
            "reaches": [self._reach(one) for one in self.reaches],
            "not_believed": self.rounds.unreliable,
        }

    def _reach(self, reach: Reach) -> dict[str, Any]:
        found = reach.of(self.rounds)
        return {"what": reach.words, "wanted": reach.wanted, "found": _told(found), "met": reach.met(found)}

    @property
    def _names(self) -> list[str]:
        return list(dict.fromkeys(name for way in self.rounds.found for name in self.rounds.figures(way)))

    def _figures(self) -> list[str]:
        lines = [row("", *self._names), row(*["---"] * (len(self._names) + 1))]
        return lines + [
            row(way, *(shown(self.rounds.spread(way, name)) for name in self._names)) for way in self.rounds.found
        ]

    def _reaches(self) -> list[str]:
        if not self.reaches:
            return []
        found = [(reach, reach.of(self.rounds)) for reach in self.reaches]
        rows = [row(one.words, one.wanted, shown(of), MET[one.met(of)]) for one, of in found]
        return [row("within a round", "reach", "measured", "met"), row(*["---"] * 4), *rows, ""]


def _told(spread: Spread | None) -> dict[str, object] | None:
    return None if spread is None else spread.told()


def shown(spread: Spread | None) -> str:
    """The median with the least and the most, or a dash."""
    if spread is None:
        return "-"
    return f"{_number(spread.median)} [{_number(spread.least)}..{_number(spread.most)}]"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def row(*cells: str) -> str:
    """One of a table in Markdown."""
    return f"| {' | '.join(cells)} |"
