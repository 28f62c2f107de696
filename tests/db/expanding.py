"""What a migration may do while processes of the version before it still run: add, and hold no lock for long.

It is judged by the SQL that it gives to Postgres.
"""

import io
import re
from types import ModuleType

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from reelhook.db.tables import metadata

# First the pattern, then what is wrong with it.
TAKES_AWAY = (
    (r"DROP TABLE", "old code still reads the table"),
    (r"DROP COLUMN", "old code still reads the column"),
    (r"RENAME ", "old code knows the old name only"),
    (r"ALTER COLUMN \S+ (SET DATA )?TYPE", "rewrites the table under a lock, and old code expects the old type"),
    (r"ALTER COLUMN \S+ SET NOT NULL", "old code still writes nothing there"),
    (r"ALTER COLUMN \S+ DROP DEFAULT", "old code still relies on the default"),
    (r"ADD COLUMN (?!.*DEFAULT).*NOT NULL", "old code does not fill the column: give it a server default"),
    (r"ADD CONSTRAINT", "old code may break it, and checking all rows holds a lock"),
    (r"CREATE UNIQUE INDEX", "old code may break it"),
)
HOLDS_LOCKS = (
    (
        r"CREATE INDEX (?!IF NOT EXISTS)",
        "writes wait while it is built: say if_not_exists, so that it can be built before",
    ),
    (r"^(UPDATE|DELETE FROM) (?!.* WHERE )", "touches every row in one transaction: let a job do it in small batches"),
    (r"ADD COLUMN .*(random|clock_timestamp|gen_random_uuid)\(", "a default that differs by row rewrites the table"),
    (r"(LOCK TABLE|VACUUM|CLUSTER|REINDEX)", "keeps everybody out"),
)


def statements(migration: ModuleType) -> list[str]:
    """Its SQL for Postgres, each statement in one line."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql",
        opts={"as_sql": True, "output_buffer": written, "target_metadata": metadata, "transactional_ddl": False},
    )
    with Operations.context(context):
        migration.upgrade()
    return [line for part in written.getvalue().split(";") if (line := re.sub(r"\s+", " ", part).strip())]


def complaints(migration: ModuleType) -> list[str]:
    """What this migration does to old code and to those who wait, statement by statement.

    What it says `oldest_code` for may take away: then no code that misses it starts any more.
    """
    lines = statements(migration)
    made = {match[1] for line in lines if (match := re.match(r"CREATE TABLE (\S+)", line))}
    rules = HOLDS_LOCKS if hasattr(migration, "oldest_code") else (*TAKES_AWAY, *HOLDS_LOCKS)
    return [
        f"{line}: {why}" for line in lines if not _about(line, made) for rule, why in rules if re.search(rule, line)
    ]


def _about(line: str, tables: set[str]) -> bool:
    """Whether it concerns a table that nobody can be using yet."""
    found = re.search(r"(?:TABLE|UPDATE|FROM| ON) (\S+)", line)
    return found is not None and found[1] in tables
