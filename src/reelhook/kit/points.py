"""Named moments of the work, at which a test may let the process die. In production nobody listens.

`begin`, `commit` and `committed` are passed by every write transaction: when it has begun, just before its COMMIT, and
after it, before anybody is told. `job.KIND.claimed` and `job.KIND.done` are passed by every attempt at a job: before
its handler runs, and when the handler has returned and nothing of it is settled yet.
"""

from collections.abc import Callable

At = Callable[[str], None]


def unnoticed(point: str) -> None:
    """Nothing happens at *point*."""
