"""What is counted is counted on both of our databases."""

import pytest

from reelhook.db import Database
from tests.analytics.past import Past
from tests.conftest import StillClock
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
def past(db: Database, clock: StillClock) -> Past:
    return Past(db, clock)
