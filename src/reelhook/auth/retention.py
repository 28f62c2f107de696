"""How long access leaves traces: sessions and links until they run out, the audit log for years."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reelhook.db.sweep import Sweep, fixed, older_than
from reelhook.db.tables import audit, sessions, sign_in_links
from reelhook.settings import Settings


def sweeps(config: Settings, now: datetime) -> Sequence[Sweep]:
    return (
        Sweep(sessions.c.expires_at, fixed(now)),
        Sweep(sign_in_links.c.expires_at, fixed(now)),
        Sweep(audit.c.id, older_than(audit.c.id, audit.c.at, now - timedelta(days=config.audit_days))),
    )
