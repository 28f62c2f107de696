"""Identifiers and unguessable tokens."""

import secrets
import uuid
from collections.abc import Callable

from reelhook.kit.clock import Clock, SystemClock

RandomBytes = Callable[[int], bytes]


class Ids:
    """Makes ids that sort by time, and tokens nobody can guess."""

    def __init__(self, clock: Clock | None = None, random: RandomBytes = secrets.token_bytes) -> None:
        self._clock = clock or SystemClock()
        self._random = random

    def new(self) -> str:
        """A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        raw = bytearray(milliseconds.to_bytes(6, "big") + self._random(10))
        raw[6] = raw[6] & 0x0F | 0x70
        raw[8] = raw[8] & 0x3F | 0x80
        return str(uuid.UUID(bytes=bytes(raw)))

    def token(self, size: int = 24) -> str:
        """*size* random bytes as lower-case hex, safe in addresses and file names."""
        return self._random(size).hex()

    def fraction(self) -> float:
        """A random number from 0 up to, not including, 1, for jitter."""
        return int.from_bytes(self._random(6), "big") / 2**48
