"""Identifiers and unguessable tokens."""

import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from reelhook.kit.clock import Clock, SystemClock

RandomBytes = Callable[[int], bytes]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Ids:
    """Makes ids that sort by time, and tokens nobody can guess."""

    def __init__(self, clock: Clock | None = None, random: RandomBytes = secrets.token_bytes) -> None:
        self._clock = clock or SystemClock()
        self._random = random

    def new(self) -> str:
        """A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, 12 of their fraction, 62 random bits.

        The fraction (section 6.2, method 3) keeps the order of what came within one millisecond.
        """
        milliseconds, rest = divmod((self._clock.now() - EPOCH) // MICROSECOND, 1000)
        stamp = milliseconds << 16 | 0x7000 | rest * 4096 // 1000
        random = int.from_bytes(self._random(8), "big") & (1 << 62) - 1 | 0b10 << 62
        digits = f"{stamp << 64 | random:032x}"  # half the price of a `uuid.UUID` on the way
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    @staticmethod
    def first_at(moment: datetime) -> str:
        """The smallest id that `new` can give at *moment*: what is older has a smaller one."""
        milliseconds = max((moment - EPOCH) // timedelta(milliseconds=1), 0)
        return str(uuid.UUID(int=(milliseconds << 16 | 0x7000) << 64 | 0b10 << 62))

    def token(self, size: int = 24) -> str:
        """*size* random bytes as lower-case hex, safe in addresses and file names."""
        return self._random(size).hex()

    def fraction(self) -> float:
        """A random number from 0 up to, not including, 1, for jitter."""
        return int.from_bytes(self._random(6), "big") / 2**48
