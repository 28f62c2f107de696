"""Sessions and links are forgotten when they ran out, the audit log after years."""

from datetime import timedelta

from reelhook.auth import Access
from reelhook.auth.retention import sweeps
from reelhook.db import Database
from reelhook.db.tables import audit
from reelhook.settings import Settings
from tests.sweeping import swept

from .conftest import StoppedClock


async def test_what_ran_out_is_forgotten(signed_in, person, access: Access, clock: StoppedClock, db: Database) -> None:
    await person()
    await signed_in()
    await db.write(lambda tx: access.links.issue(tx, None))
    clock.forward(days=2)
    assert swept(db, sweeps(Settings(), clock.now())) == {"sign_in_links": 1}
    clock.forward(days=13)
    assert swept(db, sweeps(Settings(), clock.now())) == {"sessions": 1}


async def test_the_audit_log_is_kept_for_years(access: Access, clock: StoppedClock, db: Database) -> None:
    for action in ("a.old", "a.young"):
        await db.write(lambda tx, action=action: access.audit.record(tx, "local", action, None, None))
        clock.forward(days=400)
    assert swept(db, sweeps(Settings(), clock.now())) == {"audit": 1}
    kept = await db.read(lambda conn: conn.execute(audit.select()).fetchall())
    assert [entry.action for entry in kept] == ["a.young"]
    assert kept[0].at == clock.now() - timedelta(days=400)
