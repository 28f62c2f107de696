"""Content encodings: which one a client takes, and what they make of some bytes (RFC 9110, section 12.5.3)."""

import gzip
import re
from collections.abc import Callable, Iterable, Mapping

import brotli
import zstandard

# Below it an answer fits in a packet or two either way.
SMALLEST = 1024
# At once, for one answer: the quickest first. It takes what such an answer takes to be built, or less.
QUICK: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda content: zstandard.compress(content, 3),
    "br": lambda content: brotli.compress(content, quality=4),
    "gzip": lambda content: gzip.compress(content, 5, mtime=0),
}
# Once, for what is sent again and again: the smallest first. A fifth of a second for the largest file of the app.
SMALL: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=11),
    "zstd": lambda content: zstandard.compress(content, 19),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}
TEXT = re.compile(r"text/.+|application/(?:.+\+)?json|application/javascript|image/svg\+xml", re.IGNORECASE)
QUALITY = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


def worth_it(content: bytes, media_type: str) -> bool:
    """Whether compressing makes *content* so much smaller that it pays."""
    return len(content) >= SMALLEST and TEXT.fullmatch(media_type.partition(";")[0].strip()) is not None


def chosen(accept_encoding: str, ours: Iterable[str]) -> str | None:
    """The encoding of *ours* that the client likes best, among equals the first; None: send it as it is.

    A client that refuses even that (`identity;q=0`) gets it all the same, as the RFC allows.
    """
    likes = _likes(accept_encoding)
    others = likes.get("*", 0.0)
    best = max(ours, key=lambda name: likes.get(name, others))
    quality = likes.get(best, others)
    return best if quality > 0 and quality >= likes.get("identity", 0.0) else None


def _likes(accept_encoding: str) -> dict[str, float]:
    """How much the client likes each encoding it names, 0 to 1. One whose weight cannot be read is not liked."""
    likes = {}
    for item in accept_encoding.split(","):
        name, _, weight = (part.strip().lower() for part in item.partition(";"))
        read = QUALITY.fullmatch(weight or "q=1")
        likes[name] = float(read[1]) if read else 0.0
    return likes
