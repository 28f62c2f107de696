"""Compression of streams that costs next to nothing: what many are sent is packed once, for all connections together.

A gzip stream may be put together from deflate blocks that stand for themselves: each begins with an empty memory and
ends at a whole byte. So what was packed for one connection is right for every other, whatever that got before, and a
client that reads gzip as it arrives shows each update at once. Gzip members would not do: browsers read only the first.
A stream does not end with gzip's checksum, which would be another for each connection; nobody waits for it.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Compression = Literal["off", "gzip"]

# As many as are under way at once: the newest updates, a heartbeat, and what many who return together have missed.
REMEMBERED = 32
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952: deflate, no name, no time, some system
VARY = (b"vary", b"accept-encoding")


@dataclass(frozen=True, eq=False)
class Encoding:
    """How the bytes of one stream are packed. *headers* say so, *opening* goes before the first frame."""

    headers: tuple[tuple[bytes, bytes], ...] = ()
    opening: bytes = b""
    packs: bool = False

    def pack(self, content: bytes) -> bytes:
        """*content*, which is one frame or several, as it goes over the wire."""
        return _block(content) if self.packs else content


PLAIN = Encoding()
PLAIN_OF_TWO = Encoding(headers=(VARY,))
GZIP = Encoding(headers=((b"content-encoding", b"gzip"), VARY), opening=GZIP_HEAD, packs=True)


def negotiate(accept: str, compression: Compression) -> Encoding:
    """What to use for a client that sent this Accept-Encoding header (RFC 9110, section 12.5.3)."""
    if compression == "off":
        return PLAIN
    return GZIP if _takes_gzip(accept) else PLAIN_OF_TWO


def _takes_gzip(accept: str) -> bool:
    for part in accept.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False


@lru_cache(maxsize=REMEMBERED)
def _block(content: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush(zlib.Z_SYNC_FLUSH)
