"""How much room each table takes, its indexes included: what an operator's disk must have for a day."""

from pathlib import Path
from typing import Any

SQLITE = """
    SELECT m.tbl_name, sum(s.pgsize) FROM dbstat('main', 1) s JOIN sqlite_master m ON m.name = s.name
    GROUP BY m.tbl_name
"""
POSTGRES = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
# What grows with what comes; the other tables are settings and people.
GROWING = (
    "events", "event_keys", "delivery_attempts", "jobs", "job_attempts", "videos", "assets", "timeline", "stream",
    "idempotency_keys", "numbers",
)  # fmt: skip


def room(db: Any, *, postgres: bool) -> dict[str, dict[str, int]]:
    """Rows and bytes of each table that grows."""
    taken = dict(db.execute(POSTGRES if postgres else SQLITE))
    return {
        table: {"rows": db.execute(f"SELECT count(*) FROM {table}").fetchone()[0], "bytes": int(taken.get(table, 0))}
        for table in GROWING
    }


def on_disk(folder: Path) -> int:
    """Bytes of the files in *folder*, with all that is below it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
