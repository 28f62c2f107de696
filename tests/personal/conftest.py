"""Export and erasure are tried on both databases."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert

from reelhook.auth import local_admin
from reelhook.db import Database, Tx
from reelhook.db.tables import identities, incident_entries, incidents
from reelhook.kit.ids import Ids
from tests.conftest import StillClock
from tests.personal.house import EMAIL, PASSWORD, House
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]


@pytest.fixture
async def house(db: Database, clock: StillClock, ids: Ids) -> AsyncIterator[House]:
    made = House(db, clock, ids)
    yield made
    for client in made.clients:
        await client.aclose()
    await made.access.close()


@pytest.fixture
async def eve(house: House) -> str:
    person = await house.access.people.create(local_admin(), EMAIL, "viewer", PASSWORD)
    now = house.clock.now()
    known = {"issuer": "https://login.example.com", "subject": "eve-there", "person_id": person.id}
    await house.db.write(
        lambda tx: tx.execute(insert(identities).values(**known, created_at=now, last_used_at=now)) and None
    )
    await house.access.people.sign_in_link(local_admin(), person.id)
    incident = {"id": "i", "rule": "r", "subject": "", "drill": False, "severity": "warning", "level": 1, "value": 1}
    noted = {"incident_id": "i", "at": now, "kind": "note", "message": "seen to", "data": {}}

    def look_after(tx: Tx) -> None:
        tx.execute(insert(incidents).values(**incident, says="it is", opened_at=now, person_id=person.id))
        tx.execute(insert(incident_entries), [noted | {"by": by} for by in (f"person:{person.id}", "key:k")])

    await house.db.write(look_after)
    return str(person.id)
