"""Length and digests of a stream, in one pass."""

import hashlib


class Digest:
    """Takes the pieces of a file. `update` is slow for the event loop when pieces are large: call it in a thread.

    *md5* is only for who compares it, as with Cloudinary's etag: it takes twice the time of SHA-256 on a processor that
    has instructions for that.
    """

    def __init__(self, *, md5: bool = False) -> None:
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False) if md5 else None
        self.length = 0

    def update(self, piece: bytes) -> None:
        self._sha256.update(piece)
        if self._md5 is not None:
            self._md5.update(piece)
        self.length += len(piece)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def md5(self) -> str | None:
        """None when it was not asked for."""
        return None if self._md5 is None else self._md5.hexdigest()
