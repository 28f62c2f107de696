"""Roles as data: each is a named set of scopes, and each holds all of the one before."""

from collections.abc import Mapping
from typing import Literal

Role = Literal["viewer", "operator", "admin"]

VIEWER = frozenset({"videos:read", "stream", "me"})
OPERATOR = VIEWER | {
    "videos:write",
    "videos:delete",
    "events:read",
    "events:replay",
    "rejections:read",
    "jobs:read",
    "jobs:write",
    "stream-tokens",
    "metrics",
    "analytics:read",
    "monitoring:read",
    "monitoring:write",
    "subscriptions:read",
    "subscriptions:write",
    "audit:read",
    # The audit log names keys by id; making and revoking them is power over access, and stays with admins.
    "keys:read",
}
ADMIN = OPERATOR | {"keys:write", "people:read", "people:write", "settings"}

ROLES: Mapping[str, frozenset[str]] = {"viewer": VIEWER, "operator": OPERATOR, "admin": ADMIN}
# What everybody has, however narrow a key is made: one's own preferences.
ALWAYS = frozenset({"me"})
# What a stream token opens; the gate narrows it further, to GET of a few paths.
TOKEN = frozenset({"videos:read", "stream"})


def scopes_of(role: str, narrowed: frozenset[str] | None = None) -> frozenset[str]:
    """The scopes of *role*, or those of *narrowed* that are among them. An unknown role has none."""
    all_of_role = ROLES.get(role, frozenset())
    return all_of_role if narrowed is None else all_of_role & (narrowed | ALWAYS)
