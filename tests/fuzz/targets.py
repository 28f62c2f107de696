"""The functions that read what strangers send: whatever comes, they answer, or refuse in their own words.

Each target is one hypothesis property: it draws its input, and fails by raising. Multipart forms are read nowhere in
the service, which a test of the routes holds, so there is no target for them.
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from reelhook.archive.shelves import File, sensible, span_of
from reelhook.auth.body import announced
from reelhook.auth.open_paths import door, opened_by_token
from reelhook.auth.refusals import Malformed
from reelhook.auth.site import Site
from reelhook.errors import WrongInput
from reelhook.events import Secret, claims, diagnose, matching, parse, sign
from reelhook.kit.addresses import networks, remote
from reelhook.kit.pages import decode, decode_number, encode
from reelhook.realtime.endpoint import _last_id

# What JSON may hold, the way it may be written, and what only looks like it.
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["event_type", "event_data", "event_id", "video_id", "id", "session_id", "url", "video_url", "msg", "error", "code",
     "message", "failure_message", "callback_id", "created_at", "clips", "render_id", "folder_id"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["avatar_video.success", "avatar_video.fail", "avatar_video_gif.success", "ai_clipping.success", "video_agent.fail",
     "video_translate.success", "personalized_video", "batch.finished", "something.new", ""]
)  # fmt: skip
DATA = st.dictionaries(NAMES | st.text(max_size=12), VALUES, max_size=8)
EVENTS = st.fixed_dictionaries(
    {"event_type": TYPES | VALUES, "event_data": DATA | VALUES}, optional={"event_id": VALUES}
)
WRITTEN = EVENTS.map(lambda event: json.dumps(event, allow_nan=True).encode("utf-8", "surrogatepass"))
NESTED = st.integers(1, 2000).map(lambda depth: b'{"event_data":' + b"[" * depth + b"]" * depth + b"}")
BODIES = WRITTEN | NESTED | st.binary(max_size=400) | st.tuples(WRITTEN, st.binary(max_size=8)).map(b"".join)
HEADER_NAMES = st.sampled_from(
    [
        "signature",
        "Signature",
        "heygen-signature",
        "X-HeyGen-Signature",
        "x-signature",
        "heygen-timestamp",
        "authorization",
    ]
)
HEX = st.text("0123456789abcdefABCDEF", min_size=60, max_size=68)
HEADER_VALUES = HEX | HEX.map("sha256={}".format) | st.text(max_size=80) | st.binary(max_size=48).map(bytes.hex)
HEADERS = st.dictionaries(HEADER_NAMES | st.text(max_size=12), HEADER_VALUES, max_size=4)
SECRETS = (Secret("one", "whsec_dGVzdA=="), Secret("two", "plain"))
LIVE, RETIRED = SECRETS[:1], SECRETS[1:]


@given(BODIES)
def events(body: bytes) -> None:
    """The parser of the front door: any body is an event with a type."""
    event = parse(body)
    assert isinstance(event.type, str)
    assert event.type
    assert "\0" not in event.type


@given(BODIES, HEADERS)
def signatures(body: bytes, headers: dict[str, str]) -> None:
    """Only who knows a secret is let in; everybody else is told why not, and no secret with it."""
    made = claims(headers)
    right = {sign(body, secret.value) for secret in SECRETS}
    match = matching(body, made, SECRETS)
    assert (match is not None) == any(claim.digest in right for claim in made)
    if match is None:
        told = diagnose(body, headers, LIVE, RETIRED)
        assert told.reason
        assert not any(secret.value in told.detail for secret in SECRETS)


@given(st.text(max_size=120) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def cursors(cursor: str) -> None:
    """A cursor is one of ours, or refused; what is ours comes back as it was."""
    for read in (decode, decode_number):
        try:
            found = read(cursor)
        except ValueError:
            continue
        assert decode(encode(found)) == str(found)


RANGES = st.text("bytes=0123456789-, \t", max_size=40).map(str.encode) | st.binary(max_size=40)


@given(RANGES, st.integers(0, 10**18))
def ranges(value: bytes, size: int) -> None:
    """A range is one range that means something, or it is ignored."""
    text = value.decode("latin-1")
    if sensible(text):
        first, _, last = text.strip()[len("bytes=") :].partition("-")
        assert first.isdigit() or last.isdigit()
    try:
        span = span_of(Headers({"range": text}), File("", size, "video/mp4", {"etag": '"one"'}))
    except IndexError:
        return
    assert span is None or 0 <= span[0] < span[1] <= size


@given(st.text(max_size=30) | st.text("0123456789", max_size=30))
def last_event_ids(text: str) -> None:
    """Where a stream goes on: a number, nothing, or a refusal."""
    with suppress(WrongInput):
        found = _last_id(text)
        assert found is None or 0 <= found < 10**18


TRUSTED = networks(["10.0.0.0/8", "fd00::/8"])
HOPS = st.sampled_from(
    ["203.0.113.7", "10.1.2.3", "[2001:db8::1]", "fd00::1", "::ffff:10.0.0.1", "unknown", "", "1.2.3"]
)
FORWARDED = st.lists(HOPS | st.text(max_size=20), max_size=5).map(", ".join)


@given(HOPS, st.lists(FORWARDED, max_size=3))
def forwarded_addresses(peer: str, lines: list[str]) -> None:
    """The client's address is the peer's, or one that a trusted proxy named: never a text of the client's own."""
    headers = [(b"x-forwarded-for", line.encode("utf-8", "surrogatepass")) for line in lines]
    found = remote({"type": "http", "client": (peer, 1), "headers": headers}, TRUSTED)
    if found != peer:
        address = ip_address(found)
        assert not any(
            address in net
            for net in (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
            if net.version == address.version
        )


PARTS = st.sampled_from(["api", "v1", "stream", "videos", "media", "webhooks", "session", "..", "", "%2e", "metrics"])
PATHS = st.text(max_size=60) | st.lists(PARTS, max_size=6).map(lambda parts: "/" + "/".join(parts))


@given(st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]), PATHS)
def doors(method: str, path: str) -> None:
    """No spelling of a guarded path is open, and a stream token opens reads alone."""
    which = door(method, path)
    if path.startswith(("/api/v1/videos", "/api/v1/keys", "/media/", "/metrics")) and not path.startswith(
        "/api/v1/session"
    ):
        assert which.value == "guarded"
    if opened_by_token(method, path):
        assert method in ("GET", "HEAD")
        assert which.value == "guarded"


@given(st.lists(st.binary(max_size=30), max_size=3))
def lengths(values: list[bytes]) -> None:
    """Content-Length is a number or refused."""
    with suppress(Malformed):
        assert announced({"headers": [(b"content-length", value) for value in values]}) >= 0


@given(st.lists(st.text(max_size=60), max_size=3), st.text(max_size=30))
def cookies(lines: list[str], host: str) -> None:
    """Cookies and hosts of any shape give a token, or none."""
    headers = [(b"cookie", line.encode("utf-8", "surrogatepass")) for line in lines]
    headers.append((b"host", host.encode("utf-8", "surrogatepass")))
    scope: dict[str, Any] = {"type": "http", "scheme": "http", "client": ("127.0.0.1", 1), "headers": headers}
    token = Site("http://reelhook.test").session_token(scope)
    assert token is None or token


ALL = (events, signatures, cursors, ranges, last_event_ids, forwarded_addresses, doors, lengths, cookies)
TARGETS: dict[str, Callable[[], None]] = {target.__name__: target for target in ALL}


def attack(name: str, examples: int) -> None:
    """Try *examples* inputs of one target. Raises what it raises, with the input that did it."""
    many = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
    many(TARGETS[name])()
