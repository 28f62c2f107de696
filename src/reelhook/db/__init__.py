"""The database: one way in for reads and writes, the tables, the migrations, and who owns the SQLite file.

Rooms get a `Tx` (inside `Database.write`) or a read-only connection (inside `Database.read`), never an engine.
"""

from reelhook.db.engine import Database, Tx

__all__ = ["Database", "Tx"]
