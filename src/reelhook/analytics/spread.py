"""How durations are spread: counts in buckets that grow by a fixed factor, so that those of any hours can be added.

Bucket 0 is below one millisecond; bucket *n* holds what is below `GROWTH ** n` ms and not below `GROWTH ** (n - 1)`. A
percentile is answered as the middle of its bucket (by ratio), so it is wrong by less than 5 %.
"""

import math
from collections import Counter
from collections.abc import Mapping

import orjson

STEPS = 8  # buckets for each doubling
GROWTH = 2 ** (1 / STEPS)


def bucket(ms: int) -> int:
    """The bucket of a duration. One below zero, from a clock that was set back, counts as none."""
    return math.floor(STEPS * math.log2(ms)) + 1 if ms >= 1 else 0


def middle(number: int) -> float:
    """The duration that stands for bucket *number*, in milliseconds."""
    return GROWTH ** (number - 0.5) if number else 0.0


def percentile(spread: Mapping[int, int], percent: int) -> float | None:
    """What *percent* of the durations do not exceed (nearest rank), in milliseconds; None of none."""
    rank = -(-sum(spread.values()) * percent // 100)
    for number, count in sorted(spread.items()):
        rank -= count
        if rank <= 0:
            return middle(number)
    return None


def within(spread: Mapping[int, int], ms: int) -> int:
    """How many took no longer than *ms*, as their buckets tell: the same that `percentile` would say."""
    return sum(count for number, count in spread.items() if middle(number) <= ms)


def kept(spread: Mapping[int, int]) -> dict[str, int]:
    """For a column of JSON."""
    return {str(number): count for number, count in sorted(spread.items())}


def merged(kept: str | None) -> Counter[int]:
    """The sum of all that were *kept*, as the rows hold them, with commas between."""
    sums: Counter[str] = Counter()
    for one in orjson.loads(f"[{kept or ''}]"):
        for number, count in one.items():
            sums[number] += count
    return Counter({int(number): count for number, count in sums.items()})
