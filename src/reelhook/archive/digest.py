"""Length and digests of a stream, in one pass."""

import hashlib


class Digest:
    """Takes the pieces of a file. `update` is slow for the event loop when pieces are large: call it in a thread."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)  # Cloudinary's etag
        self.length = 0

    def update(self, piece: bytes) -> None:
        self._sha256.update(piece)
        self._md5.update(piece)
        self.length += len(piece)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def md5(self) -> str:
        return self._md5.hexdigest()
