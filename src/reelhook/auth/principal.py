"""Who is asking, and what they may do and see."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from reelhook.auth import changes
from reelhook.auth.roles import ADMIN, TOKEN, scopes_of
from reelhook.errors import Forbidden

Kind = Literal["person", "key", "token", "link", "local"]


@dataclass(frozen=True, slots=True)
class Principal:
    """One authenticated caller. *subject* is the owner whose videos are its own; *video_ids* narrows a token.

    *rests_on* names what may end this access early, as `changes` tells of it. *remote* is the address that this request
    came from; empty for one over our own Unix socket, None for what is no request.
    """

    kind: Kind
    id: str
    name: str
    role: str
    scopes: frozenset[str]
    subject: str | None = None
    video_ids: frozenset[str] | None = None
    expires_at: datetime | None = None
    rests_on: tuple[str, ...] = ()
    remote: str | None = field(default=None, compare=False)

    @property
    def actor(self) -> str:
        """How the audit log and other records name this caller."""
        return f"{self.kind}:{self.id}"

    @property
    def in_lines(self) -> dict[str, Any]:
        """How log lines name this caller. A token's id is what a builder calls somebody, so it is not told."""
        return {"by": self.kind, "by_id": self.id if self.kind in ("person", "key") else None}

    @property
    def sees_all(self) -> bool:
        """Whether every video is visible, whoever owns it. Queries that list videos narrow by *subject* otherwise."""
        return self.kind != "token" and self.role in ("operator", "admin")

    @property
    def session(self) -> str | None:
        """The digest of the session's token by which a person came."""
        start = changes.session("")
        return next((one.removeprefix(start) for one in self.rests_on if one.startswith(start)), None)

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def sees(self, video_id: str, subject: str | None) -> bool:
        """Whether the video *video_id*, which belongs to *subject*, is visible to this caller."""
        if self.sees_all:
            return True
        if self.subject is None or subject != self.subject:
            return False
        return self.video_ids is None or video_id in self.video_ids

    def require_power_over(self, scopes: frozenset[str]) -> None:
        """Nobody gives away more than they have: without this a narrow key could make a wide one. *Forbidden* else."""
        if not scopes <= self.scopes:
            missing = ", ".join(sorted(scopes - self.scopes))
            raise Forbidden(f"this needs scopes that you do not have yourself: {missing}")


def of_person(
    person_id: str, email: str, role: str, expires_at: datetime | None = None, session: str | None = None
) -> Principal:
    """*session* is the digest of the token by which the person came."""
    rests_on = (changes.person(person_id), *([] if session is None else [changes.session(session)]))
    return Principal("person", person_id, email, role, scopes_of(role), person_id, None, expires_at, rests_on)


def of_key(
    key_id: str, name: str, role: str, narrowed: frozenset[str] | None, expires_at: datetime | None = None
) -> Principal:
    """*expires_at*: when the secret that was shown ends, or the key itself."""
    rests_on = (changes.key(key_id),)
    return Principal("key", key_id, name, role, scopes_of(role, narrowed), key_id, None, expires_at, rests_on)


def of_token(
    subject: str, video_ids: frozenset[str] | None, expires_at: datetime, issuer: str | None = None
) -> Principal:
    """*issuer* is the actor who gave the token out, and whose access it shares the fate of."""
    rests_on = () if issuer is None else (issuer,)
    return Principal("token", subject, subject, "viewer", TOKEN, subject, video_ids, expires_at, rests_on)


def of_link(asset_id: str, issuer: Principal, expires_at: datetime) -> Principal:
    """Whoever holds a signed link to one stored file. The gate lets it in nowhere but there."""
    scopes, rests_on = frozenset({"videos:read"}), issuer.rests_on
    return Principal("link", asset_id, "signed link", issuer.role, scopes, issuer.subject, None, expires_at, rests_on)


def local_admin() -> Principal:
    """Whoever may open our own Unix socket or database file: the person at the machine."""
    return Principal("local", "local", "local", "admin", ADMIN)


def local_scraper() -> Principal:
    """Prometheus at an address that METRICS_ALLOW names."""
    return Principal("local", "metrics", "metrics", "viewer", frozenset({"metrics"}))
