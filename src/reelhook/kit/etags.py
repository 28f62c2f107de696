"""Entity tags, by which a client asks whether what it has is still right (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib
import re

TAG = re.compile(r'(?:W/)?"([^"]*)"')


def strong(content: bytes) -> str:
    """For exactly these bytes: another encoding of the same has another tag."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def weak(content: bytes) -> str:
    """For everything that means the same as *content*, in whatever encoding it is sent."""
    return f"W/{strong(content)}"


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has *etag* already: in a list, compared weakly, or by a star, which has everything."""
    if if_none_match is None:
        return False
    wanted = etag.removeprefix("W/").strip('"')
    return if_none_match.strip() == "*" or wanted in TAG.findall(if_none_match)
