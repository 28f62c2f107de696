"""Ways that take turns, and what is told of many rounds."""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

Figures = Mapping[str, float]
Way = Callable[[], Figures]


class Unreliable(Exception):
    """A round must not be believed: its message says why. The others of its way may be."""


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, with the least and the most of them."""

    median: float
    least: float
    most: float
    rounds: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values), tuple(values))

    def told(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class Rounds:
    """What each way gave in each round; a round is missing where it could not be believed, with the reason."""

    found: dict[str, list[Figures | None]]
    unreliable: list[str] = field(default_factory=list)

    def spread(self, way: str, figure: str) -> Spread | None:
        """None when no round of this way can be believed, or it has no such figure."""
        values = [one[figure] for one in self.found[way] if one is not None and figure in one]
        return Spread.of(values) if values else None

    def ratio(self, way: str, base: str, figure: str, base_figure: str | None = None) -> Spread | None:
        """*way* to *base*, within each round that has both."""
        pairs = zip(self.found[way], self.found[base], strict=True)
        values = [one[figure] / other[base_figure or figure] for one, other in pairs if one and other]
        return Spread.of(values) if values else None

    def figures(self, way: str) -> list[str]:
        return list(dict.fromkeys(name for one in self.found[way] if one for name in one))


def take_turns(ways: Mapping[str, Way], rounds: int) -> Rounds:
    """Call each way in turns, *rounds* times. Progress goes to stderr."""
    done = Rounds({name: [] for name in ways})
    for number in range(1, rounds + 1):
        for name, way in ways.items():
            try:
                found: Figures | None = way()
            except Unreliable as error:
                found = None
                done.unreliable.append(f"{name}, round {number}: {error}")
            done.found[name].append(found)
            print(f"{number}/{rounds} {name}: {_short(found) if found else done.unreliable[-1]}", file=sys.stderr)
    return done


def _short(figures: Figures) -> str:
    return "  ".join(f"{name} {value:,.4g}" for name, value in figures.items())
