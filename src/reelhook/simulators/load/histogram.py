"""How long things took, in counters that do not grow with their number, as HdrHistogram keeps them."""

import math

SUB_BITS = 10
EXACT = 1 << (SUB_BITS + 1)
LONGEST_BITS = 36  # in microseconds: 19 hours


class Histogram:
    """Whole microseconds, exact below 2,048 and to a thousandth above."""

    def __init__(self) -> None:
        self._counts = [0] * (EXACT + (LONGEST_BITS - SUB_BITS - 1 << SUB_BITS))
        self.many = 0
        self._sum = 0

    def record(self, us: int) -> None:
        """Count one of *us* microseconds."""
        self._counts[_bucket(us)] += 1
        self._sum += us
        self.many += 1

    @property
    def mean_us(self) -> float:
        """NaN when nothing was recorded, as is every percentile then."""
        return self._sum / self.many if self.many else math.nan

    def percentile_us(self, percent: float) -> float:
        """The least recorded time that *percent* of all do not exceed."""
        wanted, seen = math.ceil(self.many * percent / 100), 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return _middle(bucket)
        return math.nan

    def ms(self) -> dict[str, float]:
        """What is told of it, in milliseconds."""
        percents = {"p50": 50, "p90": 90, "p99": 99, "p999": 99.9, "max": 100}
        return {"mean": self.mean_us / 1000} | {name: self.percentile_us(of) / 1000 for name, of in percents.items()}


def _bucket(us: int) -> int:
    """Each doubling above the exact range has 1,024 buckets of equal width."""
    if us < EXACT:
        return max(us, 0)
    shift = min(us.bit_length(), LONGEST_BITS) - SUB_BITS - 1
    return (shift << SUB_BITS) + min(us >> shift, EXACT - 1)


def _middle(bucket: int) -> float:
    if bucket < EXACT:
        return float(bucket)
    shift = (bucket >> SUB_BITS) - 1
    return ((bucket - (shift << SUB_BITS)) << shift) + ((1 << shift) - 1) / 2
