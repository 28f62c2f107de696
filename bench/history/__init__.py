"""Databases that hold what a long time left: ten real deliveries, copied back through ninety days.

`pattern` is delivered to a real service; `copying` repeats every row that this left, under new names and at other
times, in SQL; `making` puts both together, has the numbers counted by the product itself, and keeps the result.
"""

from bench.history.making import history
from bench.history.pattern import HeyGen, post, running

__all__ = ["HeyGen", "history", "post", "running"]
