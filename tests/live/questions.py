"""What nobody outside HeyGen knows for sure, and what one render says about it.

Each answer is what was seen, or that it was not, and why. None is a guess.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reelhook.events import EVENT_TYPES
from tests.live import redacted
from tests.live.account import Listed
from tests.live.door import REDIRECTED, SUBJECT, Visit

SIGNATURES = ("signature", "heygen-signature")
TIMESTAMP, EVENT_ID = "heygen-timestamp", "heygen-event-id"


@dataclass(frozen=True)
class Evidence:
    """All that was seen. *visits* are HeyGen's alone; *registering*: from when to when (Unix seconds)."""

    visits: Sequence[Visit]
    registering: tuple[float, float]
    video_id: str
    refused: Sequence[int] = ()
    """How the first copies of the render's success were answered on purpose."""
    video: dict[str, Any] = field(default_factory=dict)
    video_read_at: float = 0.0
    history: Listed = field(default_factory=lambda: Listed([], True))
    endpoint_status: str | None = None
    endpoints: int = 0
    legacy: dict[str, int] = field(default_factory=dict)

    @property
    def posts(self) -> list[Visit]:
        """Deliveries: events, of whatever video."""
        return [one for one in self.visits if one.method == "POST" and one.event_type]

    @property
    def copies(self) -> list[Visit]:
        """Every copy of the render's success, in order."""
        return [one for one in self.posts if one.event_type == SUBJECT and one.video_id == self.video_id]


@dataclass(frozen=True)
class Answer:
    """To one question; not *seen*: this run could not tell, and *said* is why."""

    number: int
    question: str
    seen: bool
    said: str


Found = tuple[bool, str]


def headers(all_: Evidence) -> Found:
    """Which headers do signed deliveries carry?"""
    if not all_.posts:
        return False, "no delivery came"
    names = sorted({name for one in all_.posts for name, _ in one.headers})
    signed = [name for name in SIGNATURES if any(one.header(name) for one in all_.posts)]
    others = [name for name in (TIMESTAMP, EVENT_ID) if any(one.header(name) for one in all_.posts)]
    return True, (
        f"signed in {_and(signed) or 'no header that we know'}; of Heygen-Timestamp and Heygen-Event-Id "
        f"{_and(others) or 'neither'} came; all names: {', '.join(names)}"
    )


def retries(all_: Evidence) -> Found:
    """When is a refused delivery tried again, how often, and when is an endpoint disabled?"""
    copies = all_.copies
    if not all_.refused:
        return False, "nothing was refused in this run: see --answers"
    if len(copies) < 2:
        return False, f"the first copy was answered {all_.refused[0]}; no other came while this run waited"
    gaps = [f"{later.at - earlier.at:.1f} s" for earlier, later in itertools.pairwise(copies)]
    statuses = ", ".join(str(one.status) for one in copies)
    return True, (
        f"{len(copies)} copies came, answered {statuses}, with {', '.join(gaps)} between them; the endpoint is "
        f"{all_.endpoint_status or 'not listed'} afterwards; the most attempts cannot be seen without refusing them all"
    )


def event_ids(all_: Evidence) -> Found:
    """Has an event an id, in the body or in a header, and does a repeated delivery keep it?"""
    if not all_.copies:
        return False, "no delivery of the render's success came"
    in_body = {one.event.get("event_id") for one in all_.copies} - {None}
    in_header = {one.header(EVENT_ID) for one in all_.copies} - {None}
    where = _and([name for name, found in (("the body", in_body), ("a header", in_header)) if found])
    kept = "only one copy came"
    if len(all_.copies) > 1:
        same = len({one.body for one in all_.copies}) == 1
        ids = "no id" if not where else "the same id" if max(len(in_body), len(in_header)) == 1 else "other ids"
        kept = f"{len(all_.copies)} copies: {'the same' if same else 'different'} bytes, {ids}"
    return True, f"an id in {where}; {kept}" if where else f"no id anywhere; {kept}"


def handshake(all_: Evidence) -> Found:
    """Does HeyGen look at an address before it registers it?"""
    since, until = all_.registering
    asked = [one for one in all_.visits if since <= one.at <= until]
    if not asked:
        return True, "nothing came to the address while it was registered"
    told = (f"{one.method} answered {one.status} in {one.seconds * 1000:.0f} ms" for one in asked)
    return True, f"it does: {', '.join(told)}"


def links(all_: Evidence) -> Found:
    """How long does a link to a video live?"""
    found = [("the webhook", one.at, (one.event.get("event_data") or {}).get("url")) for one in all_.copies[:1]]
    found.append(("the API", all_.video_read_at, all_.video.get("video_url")))
    told = [f"{_left(url, at)} in the link of {where}" for where, at, url in found if isinstance(url, str)]
    return bool(told), "; ".join(told) or "no link was given"


def _left(url: str, at: float) -> str:
    expires = parse_qs(urlsplit(url).query).get("Expires", [""])[0]
    return f"{(float(expires) - at) / 86_400:.2f} days" if expires.isdigit() else "no Expires"


def payloads(all_: Evidence) -> Found:
    """What do events look like that are not documented, and how does a failure say why?"""
    forms = {one.event_type: one.event.get("event_data") for one in all_.posts}
    for row in all_.history.rows:
        forms.setdefault(str(row.get("event_type")), row.get("event_data"))
    told = [f"{kind}: {', '.join(sorted(data)) or 'nothing'}" for kind, data in forms.items() if isinstance(data, dict)]
    missing = sorted(set(EVENT_TYPES) - set(forms))
    return bool(told), f"{'; '.join(told) or 'none came'}; not seen: {', '.join(missing) or 'none'}"


def legacy(all_: Evidence) -> Found:
    """Does the API before v3 still answer?"""
    told = ", ".join(f"{path} {status}" for path, status in all_.legacy.items())
    return bool(told), told or "it was not asked"


def senders(all_: Evidence) -> Found:
    """From which addresses, and under which name, do deliveries come?"""
    if not all_.posts:
        return False, "no delivery came"
    addresses = sorted({(one.header("x-forwarded-for") or one.remote).split(",")[-1].strip() for one in all_.posts})
    agents = sorted({one.header("user-agent") or "none" for one in all_.posts})
    return True, f"addresses {', '.join(addresses)}; User-Agent {', '.join(agents)}"


def history(all_: Evidence) -> Found:
    """How far back does HeyGen's own history reach, what is in it, and are its ids those on the wire?"""
    rows = all_.history.rows
    if not rows:
        return False, "it is empty"
    times = [found for row in rows if (found := _time(row.get("created_at")))]
    order = "newest first" if times == sorted(times, reverse=True) else "in no order of time"
    wire = {one.event.get("event_id") or one.header(EVENT_ID) for one in all_.copies} - {None}
    ours = [row for row in rows if (row.get("event_data") or {}).get("video_id") == all_.video_id]
    shared = "the same id as on the wire" if wire & {row.get("event_id") for row in ours} else "no id of the wire"
    oldest = f"the oldest {(max(times) - min(times)) / 86_400:.1f} days older than the newest" if times else "no times"
    end = "" if all_.history.complete else " (not read to its end)"
    return True, f"{len(rows)} rows{end}, {order}, {oldest}; {len(ours)} of this render, with {shared}"


def signing(all_: Evidence) -> Found:
    """Which kinds of deliveries are not signed?"""
    if not all_.posts:
        return False, "no delivery came"
    unsigned = sorted({one.event_type for one in all_.posts if not any(map(one.header, SIGNATURES))})
    signed = sorted({one.event_type for one in all_.posts} - set(unsigned))
    return True, (
        f"signed: {', '.join(signed) or 'none'}; not signed: {', '.join(unsigned) or 'none'}; preflight, batch and "
        "lipsync need requests of their own"
    )


def most_endpoints(all_: Evidence) -> Found:
    """How many endpoints may an account have?"""
    return False, f"it was not tried, for that would fill the account; {all_.endpoints} beside this one are no problem"


def redirects(all_: Evidence) -> Found:
    """Does HeyGen follow a redirect?"""
    if not any(300 <= status < 400 for status in all_.refused):
        return False, "no delivery was redirected in this run: see --answers"
    sent = [one for one in all_.copies if one.status is not None and 300 <= one.status < 400]
    if not sent:
        return False, "the delivery that was to be redirected did not come while this run waited"
    if any(REDIRECTED in one.path for one in all_.visits):
        return True, f"it follows {sent[0].status} with the same request"
    after = [one for one in all_.copies if one.at > sent[0].at]
    return True, f"it does not follow {sent[0].status}; " + (
        f"the delivery came again after {after[0].at - sent[0].at:.1f} s"
        if after
        else "no other copy came while this run waited"
    )


QUESTIONS: tuple[Callable[[Evidence], Found], ...] = (
    headers, retries, event_ids, handshake, links, payloads, legacy, senders, history, signing, most_endpoints,
    redirects,
)  # fmt: skip


def answers(all_: Evidence) -> list[Answer]:
    """One for every question, in their order."""
    return [Answer(number, str(ask.__doc__), *ask(all_)) for number, ask in enumerate(QUESTIONS, 1)]


def capture(all_: Evidence, host: str) -> list[dict[str, Any]]:
    """What came from HeyGen, redacted; times are seconds since the first of it. *host*: our own."""
    first = all_.visits[0].at if all_.visits else 0.0
    return [
        {
            "at_s": round(one.at - first, 3),
            "method": one.method,
            "path": "/".join(one.path.split("/")[:3]),
            "headers": redacted.headers(one.headers, host),
            "body": redacted.body(one.parsed) if one.body else None,
            "status": one.status,
            "answered_in_s": round(one.seconds, 4),
        }
        for one in all_.visits
    ]


def _time(value: object) -> float | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
