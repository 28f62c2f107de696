"""Who may do what, and who did."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from reelhook.db.tables.base import NEVER_REUSED, Id, Serial, append_only, metadata
from reelhook.db.types import Json, Moment

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # lower case
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    Column("erased_at", Moment),  # what was known of the person is gone; the row stays for the audit log
)

# A person as another provider of identities (OpenID Connect) knows them.
identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("last_seen_at", Moment, nullable=False),
    Column("user_agent", Text),
    Column("remote", Text),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("scopes", Json),  # null: all scopes of the role
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
    Column("expires_at", Moment),
    Column("rotated_at", Moment),
    Column("previous_hash", String(64)),  # of the key before the rotation, good until:
    Column("previous_until", Moment),
    Column("previous_used_at", Moment),
    Index("api_keys_previous_hash", "previous_hash"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey(people.c.id, ondelete="CASCADE")),  # null: makes the first admin
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("used_at", Moment),
    Column("purpose", String(16), nullable=False, server_default="sign_in"),  # sign_in | invitation | reset
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(60), nullable=False),
    Column("target", Text),
    Column("remote", Text),
    Column("data", Json, nullable=False),
    Index(None, "actor", "id"),
    Index(None, "target", "id"),
    Index(None, "action", "id"),
    Index(None, "action", "at", "actor"),
    **NEVER_REUSED,
)
append_only(audit)
