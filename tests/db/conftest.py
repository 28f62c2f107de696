"""Everything here runs on both of our databases."""

from tests.servers import database_url, postgres

__all__ = ["database_url", "postgres"]
