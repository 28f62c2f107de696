"""What people are told of, and by which ways, as data."""

from collections.abc import Mapping
from typing import Literal

Kind = Literal["ready", "failed", "late", "unarchived", "incident"]
Severity = Literal["info", "attention", "critical"]
Personal = Literal["in_app", "sound", "browser", "push", "email"]
Way = Literal["in_app", "sound", "browser", "push", "email", "chat", "webhook"]

KINDS: tuple[Kind, ...] = ("ready", "failed", "late", "unarchived", "incident")
# Told to whoever the video belongs to; the other kinds to those who look after the service.
OF_OWNERS: frozenset[str] = frozenset({"ready", "failed", "late"})
SEVERITY: Mapping[str, Severity] = {
    "ready": "info", "failed": "attention", "late": "attention", "unarchived": "attention",
}  # fmt: skip
# Not chosen by kind: what follows quiet hours, and what somebody asked for to try a channel.
DIGEST, TEST = "digest", "test"

PERSONAL: tuple[Personal, ...] = ("in_app", "sound", "browser", "push", "email")
WAYS: tuple[Way, ...] = (*PERSONAL, "chat", "webhook")
IN_APP = "in_app"
# The open dashboard itself makes a sound, or asks the browser to show something.
EFFECTS = ("sound", "browser")

# Nothing sounds or pops up before somebody wants it. What needs a person goes out by e-mail; webhooks have types of
# their own for whatever happens to a video, and would say it twice.
DEFAULTS: Mapping[str, frozenset[str]] = {
    "ready": frozenset({"in_app", "push", "chat"}),
    "failed": frozenset({"in_app", "push", "chat"}),
    "late": frozenset({"in_app", "chat"}),
    "unarchived": frozenset({"in_app", "push", "email", "chat"}),
    "incident": frozenset({"in_app", "push", "email", "chat", "webhook"}),
}
