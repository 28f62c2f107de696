"""What HeyGen sent, with its shape kept and everything else taken out, so that it can be shown to anybody.

Only what is named here comes through as it is: anything new is hidden until somebody has looked at it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HEADERS = frozenset({"accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"})
# Values that are words of HeyGen's API, not somebody's.
WORDS = frozenset({"event_type", "status", "output_format", "type"})
WORD = re.compile(r"[\w.:/ -]{1,64}")
FORMS = (
    (re.compile(r"[0-9a-f]{64}"), "<64 hex digits>"),
    (re.compile(r"[0-9a-f]{32}"), "<32 hex digits>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<UUID>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?"), "<time, ISO 8601>"),
    (re.compile(r"\d{10}"), "<seconds since 1970>"),
    (re.compile(r"\d{13}"), "<milliseconds since 1970>"),
)


def headers(sent: Sequence[tuple[str, str]], public: str) -> list[list[str]]:
    """Names as they were written, and values whose meaning is known to be harmless; *public* is our own host."""
    return [[name, _header(name.lower(), value, public)] for name, value in sent]


def _header(name: str, value: str, public: str) -> str:
    if name == "host":
        return "<our host>" if value == public else text(value)
    return value if name in HEADERS else text(value)


def body(parsed: Any) -> Any:
    """A JSON value with every text replaced by its form."""
    return _walk(parsed, "")


def _walk(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return {_key(name): _walk(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_walk(one, key) for one in value]
    if isinstance(value, str):
        return value if key in WORDS and WORD.fullmatch(value) else text(value)
    if isinstance(value, int) and not isinstance(value, bool) and value > 1_000_000_000:
        return text(str(value))
    return value


def _key(name: str) -> str:
    """A name of a field; not an id or an address that somebody uses as one."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z_-]{0,63}", name) else text(name)


def text(value: str) -> str:
    """The form of a text: `<32 hex digits>`, an address without what is somebody's in it, or its length."""
    for form, shown in FORMS:
        if form.fullmatch(value):
            return shown
    parts = urlsplit(value) if value.startswith(("http://", "https://")) else None
    if parts is not None:
        return _address(parts.scheme, parts.hostname or "", parts.path, parts.query)
    return f"<text of {len(value)}>" if value else ""


def _address(scheme: str, host: str, path: str, query: str) -> str:
    parts = "/".join(_part(part) for part in path.split("/"))
    names = "&".join(f"{_key(name)}=*" for name, _ in parse_qsl(query, keep_blank_values=True))
    return f"{scheme}://{host}{parts}{'?' if names else ''}{names}"


def _part(part: str) -> str:
    """`*`, and the ending of a file's name."""
    ending = re.search(r"\.[a-z0-9]{2,4}$", part)
    return f"*{ending.group() if ending else ''}" if part else ""
