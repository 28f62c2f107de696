"""Export and erasure are tried on both databases."""

from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]
