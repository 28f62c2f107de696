"""Passwords: argon2id, in threads of their own, with the same work for accounts that do not exist."""

import asyncio
import functools
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from reelhook.errors import WrongInput

SHORTEST = 12
LONGEST = 1024
# Each hash takes 64 MiB and a core for a while: more at once would let sign-ins starve everything else.
AT_ONCE = 2


def require_strength(password: str) -> None:
    """Raises *WrongInput*. Length is what matters (NIST SP 800-63B); there are no rules about kinds of characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WrongInput(f"a password needs {SHORTEST} to {LONGEST} characters; this one has {len(password)}")


class Passwords:
    """Hashes and checks. The event loop never computes a hash."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")

    async def hash(self, password: str) -> str:
        """Raises *WrongInput* when the password is too short or too long."""
        require_strength(password)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, _plain(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether *password* is the one behind *stored*. None (no such account) takes as long and is never true."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._matches, stored, password)

    async def renewed(self, stored: str, password: str) -> str | None:
        """A new hash for the *password* behind *stored*, when that was made with other parameters than today's."""
        if not self._hasher.check_needs_rehash(stored):
            return None
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, _plain(password))

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _matches(self, stored: str | None, password: str) -> bool:
        nobodys = self._nobodys  # made first in either case, so that its first use does not tell the two apart
        try:
            return self._hasher.verify(stored or nobodys, _plain(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    @functools.cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("the password of nobody")


def _plain(password: str) -> str:
    """The same letters typed on another keyboard may arrive as other code points."""
    return unicodedata.normalize("NFKC", password)
