"""What is wrong, since when, and who looks after it; and what each rule saw last."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from reelhook.db.tables.access import people
from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, metadata, only
from reelhook.db.types import Json, Moment

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("subject", Text, nullable=False),  # what of the rule's things it is about; empty: the rule has only one
    Column("drill", Boolean, nullable=False),
    Column("severity", String(16), nullable=False),  # warning | critical
    Column("level", Integer, nullable=False),  # the highest that was reached, from 1
    Column("value", Float, nullable=False),
    Column("says", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("escalated_at", Moment),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", Text),
    Column("silenced_until", Moment),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="SET NULL")),  # who looks after it
    Column("resolved_at", Moment, index=True),
    Index("incidents_open", "rule", "subject", "drill", unique=True, **only("resolved_at IS NULL")),
)

# The story of each.
incident_entries = Table(
    "incident_entries",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("incident_id", Id, ForeignKey(incidents.c.id, ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", Text),  # null: Reelhook itself
    Column("message", Text, nullable=False),
    Column("data", Json, nullable=False),
    Index(None, "incident_id", "id"),
    **NEVER_REUSED,
)

# What a person decided about a rule; null: as the rule says.
rule_settings = Table(
    "rule_settings",
    metadata,
    Column("rule", String(40), primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("threshold", Float),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Text, nullable=False),
)

# Of the last evaluation alone: it replaces the one before.
rule_readings = Table(
    "rule_readings",
    metadata,
    Column("rule", String(40), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("value", Float, nullable=False),
    Column("says", Text, nullable=False),
    Column("streak", Integer, nullable=False),  # evaluations in a row that ask for a change
    Column("at", Moment, nullable=False),
)
