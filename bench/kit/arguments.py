"""The same options for every measurement."""

import argparse
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"


@dataclass(frozen=True)
class Given:
    """How long to measure, and where the results go. *more*: what else was said, for who wants to repeat it."""

    rounds: int
    seconds: float
    results: Path
    more: str = ""


def given(about: str | None, *, rounds: int = 5, seconds: float = 5.0) -> Given:
    """What the command line says; *about* is the module's docstring, the numbers are what is usual."""
    return Given(**vars(options(about, rounds=rounds, seconds=seconds).parse_args()))


def options(about: str | None, *, rounds: int, seconds: float) -> argparse.ArgumentParser:
    """The same, for a measurement that adds some of its own."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"how often each way is measured ({rounds})")
    parser.add_argument("--seconds", type=float, default=seconds, help=f"how long each time ({seconds:g})")
    parser.add_argument("--results", type=Path, default=RESULTS, help="a folder for JSON, table and picture")
    return parser
