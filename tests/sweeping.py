"""Sweeps, run to their end at once."""

from collections import Counter
from collections.abc import Iterable

from reelhook.db import Database
from reelhook.db.sweep import Sweep


def swept(db: Database, sweeps: Iterable[Sweep], *, most: int = 500) -> dict[str, int]:
    """Prune, and return how many rows went of each table."""
    removed: Counter[str] = Counter()
    for sweep in sweeps:
        bound = db._read(sweep.bound)
        after = None
        while bound is not None:
            done = db.write_now(lambda tx, sweep=sweep, after=after, bound=bound: sweep.batch(tx, after, bound, most))
            removed[sweep.table] += done.removed
            after = done.after
            if after is None:
                break
    return {table: number for table, number in removed.items() if number}
